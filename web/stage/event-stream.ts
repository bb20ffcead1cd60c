import type { ClientFrame, ServerFrame } from '../../server/stage/stage.schema.ts';
import type { AfterFrame } from './stage-state.svelte.ts';

/** Close codes after which the stream stays closed; `CLOSE` in server/stage/stage.schema.ts, without its zod. */
export const END_CODES: Readonly<Record<number, 'ended' | 'removed' | 'taken over'>> = {
  4000: 'ended',
  4001: 'removed',
  4003: 'taken over',
};
const PING_MS = 15_000;
const RETRY_MS = [500, 1000, 2000, 4000, 8000] as const;

export interface StreamDeps {
  /** Address and single-use ticket of the next connection. Fails when the visit is over. */
  admission: () => Promise<{ socketUrl: string; socketTicket: string }>;
  onframe: (frame: ServerFrame) => AfterFrame;
  position: () => { epoch: string; seq: number };
  onclose: (code: number) => void;
  onrefused: (thrown: unknown) => void;
}

/** The event stream of a live room: opens, keeps alive and comes back by itself until the room or the visit is over. */
export class EventStream {
  private readonly deps: StreamDeps;
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pinging: ReturnType<typeof setInterval> | undefined;
  private attempt = 0;
  private closed = false;
  private resuming = false;
  private heard = true;

  constructor(deps: StreamDeps) {
    this.deps = deps;
  }

  async open(): Promise<void> {
    let admission: { socketUrl: string; socketTicket: string };
    try {
      admission = await this.deps.admission();
    } catch (thrown) {
      if (isFinal(thrown)) this.deps.onrefused(thrown);
      else this.later();
      return;
    }
    if (this.closed) return;
    const socket = new WebSocket(admission.socketUrl, ['loggia.v1', `ticket.${admission.socketTicket}`]);
    this.socket = socket;
    socket.onmessage = (event) => this.receive(JSON.parse(String(event.data)) as ServerFrame);
    this.heard = true;
    socket.onopen = () => (this.pinging = setInterval(() => this.ping(), PING_MS));
    socket.onclose = (event) => this.lost(event.code);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.pinging);
    this.socket?.close();
  }

  private receive(frame: ServerFrame): void {
    this.attempt = 0;
    this.heard = true;
    const after = this.deps.onframe(frame);
    if (after === 'resume' && !this.resuming) this.send({ type: 'resume', ...this.deps.position() });
    // Deltas that were under way when the hole was seen ask for nothing more.
    this.resuming = after === 'resume';
    if (after === 'end') this.close();
  }

  private send(frame: ClientFrame): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** A phone that changes networks leaves connections behind that never close: one that answers no ping is over. */
  private ping(): void {
    if (!this.heard) {
      this.letGo();
      this.lost(1006);
      return;
    }
    this.heard = false;
    this.send({ type: 'ping' });
  }

  private letGo(): void {
    if (!this.socket) return;
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close();
  }

  private lost(code: number): void {
    clearInterval(this.pinging);
    if (this.closed) return;
    this.deps.onclose(code);
    if (code in END_CODES) this.closed = true;
    else this.later();
  }

  private later(): void {
    if (this.closed) return;
    const wait = RETRY_MS[Math.min(this.attempt, RETRY_MS.length - 1)] ?? 8000;
    this.attempt += 1;
    this.timer = setTimeout(() => void this.open(), wait);
  }
}

/** A refusal that no waiting mends: the server answered, and its answer is about this visit. */
export const isFinal = (thrown: unknown): boolean => {
  const status = (thrown as { problem?: { status?: number } }).problem?.status ?? 0;
  return status >= 400 && status < 500 && status !== 429;
};
