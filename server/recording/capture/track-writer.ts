/**
 * One microphone of one take: lays arriving frames on the take's clock (pacing.ts) and writes them to one FLAC file.
 * Frames are collected and looked at every 100 ms together, so that the burst after a stall of this process is not
 * mistaken for loss.
 */
import { join } from 'node:path';
import type { Anchor, CaptureClock } from './clock.ts';
import { samplesAt } from './clock.ts';
import type { Gap } from '../timeline.schema.ts';
import type { AllowedSpeaker, JournalEntry } from './journal.schema.ts';
import type { Loss, Reception, Span } from './loss.ts';
import { endLoss, stepLoss } from './loss.ts';
import type { Correction } from './pacing.ts';
import { STEADY, isQuiet, stepPace } from './pacing.ts';
import type { TrackFile } from './track-file.ts';
import { createTrackFile } from './track-file.ts';

/** What was written of a track: samples from this position of the take on. Zeros are not told. */
export type Written = (fromSample: number, samples: Int16Array) => void;

export type TrackOrder = {
  dir: string;
  takeId: string;
  trackSid: string;
  epoch: number;
  allowed: AllowedSpeaker;
  anchor: Anchor;
  clock: CaptureClock;
  /** On the take's timeline, of the first frame. */
  offsetSamples: number;
  note: (entry: JournalEntry) => Promise<void>;
  /** Hears of everything but zeros, as it goes into the file; the array is valid during the call only. */
  onWritten?: Written;
  onFailure: (error: Error) => void;
};

export type TrackWriter = {
  allowed: AllowedSpeaker;
  trackSid: string;
  push: (samples: Int16Array, arrivedMs: number) => void;
  /** What the receiver has counted by now: what the network lost is silence in the file, and listed as a gap. */
  received: (reception: Reception, nowMs: number) => void;
  /** Lays what has come on the timeline. */
  advance: () => void;
  sync: () => Promise<void>;
  gaps: () => number;
  lagBytes: () => number;
  close: () => Promise<void>;
};

export const trackFileName = (takeId: string, trackSid: string, epoch: number): string =>
  `raw/${takeId}-${trackSid}-${epoch}.flac`;

/** One array of all frames. */
const joined = (frames: readonly Int16Array[]): Int16Array => {
  const all = new Int16Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
};

/** Starts the file of a track at once; frames pushed while it is being created wait in memory. */
export const openTrack = (order: TrackOrder): TrackWriter => {
  const { takeId, trackSid, epoch, anchor, clock, offsetSamples, note } = order;
  const file = trackFileName(takeId, trackSid, epoch);
  let opened: TrackFile | undefined;
  let frames: Int16Array[] = [];
  let lastArrivedMs = 0;
  let pace = STEADY;
  let gaps = 0;
  let loss: Loss | undefined;

  const opening = createTrackFile(join(order.dir, file), order.onFailure).then(async (created) => {
    const atMs = clock.wallMs();
    await note({ type: 'trackOpened', atMs, takeId, file, trackSid, epoch, offsetSamples, ...order.allowed });
    opened = created;
  });
  opening.catch(order.onFailure);

  const noteGap = (fromSample: number, toSample: number, reason: Gap['reason']): void => {
    gaps++;
    void note({ type: 'gap', atMs: clock.wallMs(), takeId, file, fromSample, toSample, reason });
  };

  const noteLost = (lost: Span | undefined): void => {
    if (lost) noteGap(samplesAt(anchor, lost.fromMs), samplesAt(anchor, lost.toMs), 'networkLost');
  };

  const correct = (target: TrackFile, correction: Correction): number => {
    const fromSample = offsetSamples + target.lengthSamples();
    const line = { atMs: clock.wallMs(), takeId, file };
    const inserted = 'insert' in correction ? correction.insert : -correction.drop;
    if (correction.kind === 'gap') {
      noteGap(fromSample, fromSample + inserted, 'stalled');
    } else {
      void note({ type: 'nudged', ...line, atSample: fromSample, samples: inserted });
    }
    if (inserted > 0) target.writeZeros(inserted);
    return Math.max(0, -inserted);
  };

  const advance = (): void => {
    if (!opened || frames.length === 0) return;
    const samples = joined(frames);
    frames = [];
    const end = offsetSamples + opened.lengthSamples() + samples.length;
    const lagSamples = samplesAt(anchor, lastArrivedMs) - end;
    const step = stepPace(pace, { lagSamples, arrived: samples.length, quiet: isQuiet(samples) });
    pace = step.pace;
    const drop = step.correction ? correct(opened, step.correction) : 0;
    const kept = samples.subarray(drop);
    order.onWritten?.(offsetSamples + opened.lengthSamples(), kept);
    opened.write(kept);
  };

  const close = async (): Promise<void> => {
    await opening;
    advance();
    noteLost(endLoss(loss, clock.monotonicMs()));
    const lengthSamples = await opened!.close();
    await note({ type: 'trackClosed', atMs: clock.wallMs(), takeId, file, lengthSamples });
  };

  return {
    allowed: order.allowed,
    trackSid,
    push: (samples, arrivedMs) => {
      frames.push(samples);
      lastArrivedMs = arrivedMs;
    },
    received: (reception, nowMs) => {
      const step = stepLoss(loss, reception, nowMs);
      loss = step.loss;
      noteLost(step.lost);
    },
    advance,
    sync: async () => opened?.sync(),
    gaps: () => gaps,
    lagBytes: () => (opened?.lagBytes() ?? 0) + frames.reduce((sum, frame) => sum + frame.byteLength, 0),
    close,
  };
};
