import type { ProblemBody } from '../../server/platform/problem.schema.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import { problemIn } from '../api/client.ts';
import { getRecording, recordingEventsUrl } from '../api/recordings.ts';
import { isSettled } from './progress.ts';

const POLL_MS = 1500;
const REFUSED = 1008;
/** After so many that did not open, as under a name that the server does not know itself by, asking has to do. */
const ATTEMPTS = 3;

/**
 * One recording as it changes: read once, then told by the progress socket; asked for again and again only while the
 * socket is not there. Rests once nothing moves by itself any more.
 */
export class RecordingWatch {
  readonly recordingId: string;
  view = $state.raw<RecordingView | null>(null);
  problem = $state.raw<ProblemBody | null>(null);

  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private attempts = 0;

  constructor(recordingId: string) {
    this.recordingId = recordingId;
  }

  /** Reads the recording now, as after an act of one's own; goes on watching when it moves again. */
  async load(): Promise<void> {
    try {
      this.show(await getRecording(this.recordingId));
    } catch (thrown) {
      this.problem = problemIn(thrown);
    }
    this.goOn();
  }

  /** Ends the watch. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  private show(view: RecordingView): void {
    this.view = view;
    this.problem = null;
  }

  /** A refusal is final; what nothing moves in rests. */
  private get resting(): boolean {
    const status = this.problem?.status ?? 0;
    return this.view === null ? status >= 400 && status < 500 : isSettled(this.view);
  }

  private goOn(): void {
    clearTimeout(this.timer);
    if (this.stopped || this.resting || this.socket?.readyState === WebSocket.OPEN) return;
    if (this.problem === null && this.attempts < ATTEMPTS) this.open();
    this.timer = setTimeout(() => void this.load(), POLL_MS);
  }

  private open(): void {
    if (this.socket !== null) return;
    const socket = new WebSocket(recordingEventsUrl(this.recordingId));
    this.socket = socket;
    this.attempts += 1;
    socket.onopen = () => {
      this.attempts = 0;
      clearTimeout(this.timer);
    };
    socket.onmessage = (event) => this.show(JSON.parse(String(event.data)) as RecordingView);
    socket.onclose = ({ code }) => {
      this.socket = null;
      if (code === REFUSED) this.attempts = ATTEMPTS;
      if (!this.stopped) this.timer = setTimeout(() => void this.load(), POLL_MS);
    };
  }
}
