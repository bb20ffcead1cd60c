/** The microphones of one take that are being written: one file for each connection under each consent. */
import type { Anchor, CaptureClock } from './clock.ts';
import { msOfSamples, samplesAt } from './clock.ts';
import type { AllowedSpeaker, JournalEntry } from './journal.schema.ts';
import type { Reception } from './loss.ts';
import type { RoomWatch } from './room-watch.ts';
import { bleedWatchOf } from './room-watch.ts';
import type { TrackWriter, Written } from './track-writer.ts';
import { openTrack } from './track-writer.ts';

export type TakeTracksDeps = {
  dir: string;
  takeId: string;
  clock: CaptureClock;
  watch: RoomWatch;
  note: (entry: JournalEntry) => Promise<void>;
  /** The last epoch that earlier processes used for each track. */
  epochs: ReadonlyMap<string, number>;
  /** Hears what is written of voices that may be published. */
  onWritten: Written;
  onFailure: (error: Error) => void;
};

/** Whoever comes back later than that has been away of their own accord. */
const LONGEST_LOSS_MS = 120_000;

const sumOf = (writers: readonly TrackWriter[], count: (writer: TrackWriter) => number): number =>
  writers.reduce((sum, writer) => sum + count(writer), 0);

/** Opens a file with the first frame of a microphone and closes it when the microphone or its consent is gone. */
export const takeTracks = ({ epochs: past, onWritten, watch: room, ...deps }: TakeTracksDeps) => {
  const writers = new Map<string, TrackWriter>();
  const closing: Promise<void>[] = [];
  const epochs = new Map(past);
  const everOpened: TrackWriter[] = [];
  /** Whose track went while the network lost it, or us, and when: the loss lasts until they are back. */
  const lostSinceMs = new Map<string, number>();
  let away = false;

  const open = (trackSid: string, allowed: AllowedSpeaker, anchor: Anchor, startsMs: number): TrackWriter => {
    const epoch = (epochs.get(trackSid) ?? 0) + 1;
    epochs.set(trackSid, epoch);
    const offsetSamples = samplesAt(anchor, startsMs);
    const tap = allowed.published ? { onWritten } : {};
    const watch = bleedWatchOf(room, allowed.identity, anchor, deps.clock);
    const writer = openTrack({ ...deps, ...tap, trackSid, epoch, allowed, anchor, offsetSamples, watch });
    writers.set(trackSid, writer);
    everOpened.push(writer);
    const lostMs = lostSinceMs.get(allowed.identity) ?? startsMs;
    if (startsMs - lostMs <= LONGEST_LOSS_MS) writer.lost({ fromMs: lostMs, toMs: startsMs });
    lostSinceMs.delete(allowed.identity);
    return writer;
  };
  const close = (trackSid: string): void => {
    const writer = writers.get(trackSid);
    if (!writer) return;
    writers.delete(trackSid);
    if (writer.isBeingLost() || (away && !writer.isMuted()))
      lostSinceMs.set(writer.allowed.identity, deps.clock.monotonicMs());
    closing.push(writer.close().catch(deps.onFailure));
  };
  const closed = async (): Promise<void> => void (await Promise.all(closing));
  const letGo = (): void => {
    for (const trackSid of writers.keys()) close(trackSid);
  };
  const closeAll = async (): Promise<void> => {
    letGo();
    lostSinceMs.clear();
    await closed();
  };

  return {
    has: (trackSid: string): boolean => writers.has(trackSid),
    /** The frame ends with its arrival. */
    push: (trackSid: string, allowed: AllowedSpeaker, anchor: Anchor, frame: Int16Array, arrivedMs: number): void => {
      const startsMs = arrivedMs - msOfSamples(frame.length);
      (writers.get(trackSid) ?? open(trackSid, allowed, anchor, startsMs)).push(frame, arrivedMs);
    },
    /** Closes every file whose consent row is no longer the one in force. */
    keepOnly: (allowed: ReadonlyMap<string, AllowedSpeaker>): void => {
      for (const [trackSid, { allowed: then }] of writers) {
        const now = allowed.get(then.identity);
        if (now?.consentId !== then.consentId || now.published !== then.published) close(trackSid);
      }
    },
    received: (trackSid: string, reception: Reception, nowMs: number): void =>
      writers.get(trackSid)?.received(reception, nowMs),
    close,
    /** Resolves when every file that was closed is complete on the disk. */
    closed,
    /** From now on nobody is captured; tracks that go meanwhile are lost to us, not ended by their speakers. */
    lose: (): void => void (away = true),
    /** The connection is gone, and with it every track. */
    letGo,
    /** The take's own gap ends at this moment; whoever is not back yet is lost from here on. */
    arrive: (monotonicMs: number): void => {
      away = false;
      for (const identity of lostSinceMs.keys()) lostSinceMs.set(identity, monotonicMs);
    },
    /** Closes all; resolves when every file that was ever opened is complete on the disk. */
    closeAll,
    advance: (): void => writers.forEach((writer) => writer.advance()),
    sync: (): void => writers.forEach((writer) => void writer.sync().catch(deps.onFailure)),
    /** The open track of somebody who is captured. */
    trackSidOf: (identity: string): string | undefined =>
      [...writers.values()].find(({ allowed }) => allowed.identity === identity)?.trackSid,
    /** Monotonic ms of what came last of a track, and of the last loud sound of somebody. */
    grownMs: (trackSid: string): number | undefined => writers.get(trackSid)?.arrivedMs(),
    loudMs: (identity: string): number | undefined => {
      const theirs = [...writers.values()].filter(({ allowed }) => allowed.identity === identity);
      return theirs.flatMap((writer) => writer.loudMs() ?? []).at(-1);
    },
    measures: () => ({
      tracks: writers.size,
      gaps: sumOf(everOpened, (writer) => writer.gaps().count),
      gapSamples: sumOf(everOpened, (writer) => writer.gaps().samples),
      bytes: sumOf(everOpened, (writer) => writer.writtenBytes()),
      lagBytes: sumOf([...writers.values()], (writer) => writer.lagBytes()),
    }),
  };
};
export type TakeTracks = ReturnType<typeof takeTracks>;
