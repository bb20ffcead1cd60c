/**
 * One microphone of one take: lays arriving frames on the take's clock (pacing.ts) and writes them to one FLAC file.
 * Frames are collected and looked at every 100 ms together, so that the burst after a stall of this process is not
 * mistaken for loss.
 */
import { join } from 'node:path';
import type { Anchor, CaptureClock } from './clock.ts';
import { samplesAt } from './clock.ts';
import type { BleedWatch, HeldFile } from './held-file.ts';
import { heldFile } from './held-file.ts';
import type { AllowedSpeaker, JournalEntry } from './journal.schema.ts';
import type { Loss, Reception, Span } from './loss.ts';
import { endLoss, longEnough, stepLoss } from './loss.ts';
import type { Correction } from './pacing.ts';
import { STEADY, isQuiet, stepPace } from './pacing.ts';
import type { TrackFile } from './track-file.ts';
import { createTrackFile } from './track-file.ts';
import type { TrackLines } from './track-lines.ts';
import { trackLines } from './track-lines.ts';

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
  watch: BleedWatch;
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
  /** Whether the network loses this microphone now; and what it lost of its speaker before, in another file. */
  isBeingLost: () => boolean;
  /** By its speaker, as far as the receiver knows. */
  isMuted: () => boolean;
  lost: (before: Span) => void;
  /** Lays what has come on the timeline. */
  advance: () => void;
  sync: () => Promise<void>;
  gaps: () => { count: number; samples: number };
  /** Bytes encoded so far. */
  writtenBytes: () => number;
  /** Encoded bytes that the kernel does not have yet, and samples that wait. */
  lagBytes: () => number;
  /** Monotonic ms of the last frame, and of the last that LiveKit would call speech. */
  arrivedMs: () => number | undefined;
  loudMs: () => number | undefined;
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

/** Peak of a sine of -35 dBov, from which LiveKit calls a sound active. */
const LOUD_PEAK = 820;
const isLoud = (samples: Int16Array): boolean => samples.some((sample) => Math.abs(sample) > LOUD_PEAK);

/** Lays samples on the timeline as their arrival says, and corrects what is missing or too much. */
const laying = (held: HeldFile, lines: TrackLines, anchor: Anchor) => {
  let pace = STEADY;
  const correct = (correction: Correction): number => {
    const at = held.endSample();
    const inserted = 'insert' in correction ? correction.insert : -correction.drop;
    if (correction.kind === 'gap') lines.gap(at, at + inserted, 'stalled');
    else lines.nudged(at, inserted);
    if (inserted > 0) held.writeZeros(inserted);
    return Math.max(0, -inserted);
  };
  return (samples: Int16Array, endedMs: number): void => {
    const lagSamples = samplesAt(anchor, endedMs) - held.endSample() - samples.length;
    const step = stepPace(pace, { lagSamples, arrived: samples.length, quiet: isQuiet(samples) });
    pace = step.pace;
    const drop = step.correction ? correct(step.correction) : 0;
    held.write(samples.subarray(drop));
  };
};

type Opened = { file: TrackFile; held: HeldFile; lay: (samples: Int16Array, endedMs: number) => void };

/** The file, once the journal has its line on the disk. */
const openFile = async (order: TrackOrder, name: string, lines: TrackLines): Promise<Opened> => {
  const { clock, takeId, trackSid, epoch, offsetSamples, watch, onWritten, anchor } = order;
  const file = await createTrackFile(join(order.dir, name), order.onFailure);
  const atMs = clock.wallMs();
  try {
    await order.note({
      type: 'trackOpened',
      atMs,
      takeId,
      file: name,
      trackSid,
      epoch,
      offsetSamples,
      ...order.allowed,
    });
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  const held = heldFile({ file, offsetSamples, watch, onWritten, onGated: lines.gated });
  return { file, held, lay: laying(held, lines, anchor) };
};

/** Starts the file of a track at once; frames pushed while it is being created wait in memory. */
export const openTrack = (order: TrackOrder): TrackWriter => {
  const { takeId, trackSid, epoch, clock } = order;
  const name = trackFileName(takeId, trackSid, epoch);
  const lines = trackLines({ ...order, file: name });
  let opened: Opened | undefined;
  let frames: Int16Array[] = [];
  let arrivedMs: number | undefined;
  let loudMs: number | undefined;
  let loss: Loss | undefined;
  const opening = openFile(order, name, lines).then((file) => (opened = file));
  opening.catch(order.onFailure);

  const advance = (): void => {
    if (!opened) return;
    const samples = joined(frames);
    frames = [];
    if (isLoud(samples)) loudMs = arrivedMs;
    if (samples.length > 0) opened.lay(samples, arrivedMs!);
    opened.held.advance();
  };
  const close = async (): Promise<void> => {
    const { file, held } = await opening;
    advance();
    lines.lost(endLoss(loss, clock.monotonicMs()));
    held.flush();
    const lengthSamples = await file.close();
    await order.note({ type: 'trackClosed', atMs: clock.wallMs(), takeId, file: name, lengthSamples });
  };

  return {
    allowed: order.allowed,
    trackSid,
    push: (samples, endedMs) => {
      frames.push(samples);
      arrivedMs = endedMs;
    },
    received: (reception, nowMs) => {
      const step = stepLoss(loss, reception, nowMs);
      loss = step.loss;
      lines.lost(step.lost);
    },
    isBeingLost: () => typeof loss?.sinceMs === 'number',
    isMuted: () => loss?.seen.muted ?? false,
    lost: ({ fromMs, toMs }) => lines.lost(longEnough(fromMs, toMs)),
    advance,
    sync: async () => opened?.file.sync(),
    gaps: lines.gaps,
    writtenBytes: () => opened?.file.writtenBytes() ?? 0,
    lagBytes: () =>
      (opened ? opened.file.lagBytes() + opened.held.heldBytes() : 0) +
      frames.reduce((sum, frame) => sum + frame.byteLength, 0),
    arrivedMs: () => arrivedMs,
    loudMs: () => loudMs,
    close,
  };
};
