import { untrack } from 'svelte';
import type { MasterView, RecordingView } from '../../server/recording/recording.schema.ts';
import type { RecordingLight } from '../../server/stage/stage.schema.ts';
import {
  addMark,
  makeClip,
  pauseRecording,
  resumeRecording,
  startRecording,
  stopRecording,
} from '../api/recordings.ts';
import { m } from '../paraglide/messages.js';
import { RecordingWatch } from '../recording/recording-watch.svelte.ts';
import { announcer } from '../ui/announcer.svelte.ts';
import { elapsed } from '../ui/format.ts';
import { Task } from '../ui/task.svelte.ts';

/** Below this the host should know that the evening may outlast the disk. */
export const LITTLE_SPACE_MINUTES = 30;

/** What a host does with the recording of the room they are in, and what they see of it. */
export class RecordingDesk {
  readonly slug: string;
  readonly task = new Task();
  readonly clipping = new Task();
  clip = $state.raw<MasterView | null>(null);
  watch = $state.raw<RecordingWatch | null>(null);

  readonly view = $derived(this.watch?.view ?? null);
  readonly space = $derived(this.view?.space ?? null);
  readonly little = $derived((this.space?.minutesLeft ?? LITTLE_SPACE_MINUTES) < LITTLE_SPACE_MINUTES);
  /** Of the running take, or of the one that has just ended; newest first. */
  readonly marks = $derived((this.view?.takes.at(-1)?.marks ?? []).toReversed());

  constructor(slug: string) {
    this.slug = slug;
  }

  /** Follows the light to the recording it belongs to. */
  follow({ recordingId }: RecordingLight): void {
    if (recordingId !== null) untrack(() => this.turnTo(recordingId));
  }

  leave(): void {
    this.watch?.stop();
    this.watch = null;
  }

  start = () => this.order(startRecording);
  pause = () => this.order(pauseRecording);
  resume = () => this.order(resumeRecording);
  stop = () => this.order(stopRecording);

  /** True when the mark was set. */
  mark(label: string): Promise<boolean> {
    return this.task.run(async () => {
      const { atMs } = await addMark(this.slug, label);
      announcer.say(m.marked_at({ time: elapsed(atMs), label }));
      void this.watch?.load();
    });
  }

  /** A clip of what was just said; true when it can be heard. */
  clipLast(lastMs: number): Promise<boolean> {
    return this.clipping.run(async () => {
      this.clip = null;
      const clip = await makeClip(this.slug, lastMs);
      this.clip = clip;
      announcer.say(m.clip_made({ time: elapsed(clip.durationMs ?? lastMs) }));
    });
  }

  private order(act: (slug: string) => Promise<RecordingView>): Promise<boolean> {
    return this.task.run(async () => {
      const { id } = await act(this.slug);
      this.turnTo(id);
      await this.watch?.load();
    });
  }

  private turnTo(recordingId: string): void {
    if (recordingId === this.watch?.recordingId) return;
    this.leave();
    this.watch = new RecordingWatch(recordingId);
    void this.watch.load();
  }
}
