/** A microphone whose every frame is known, put through the capture's own writer on a clock that runs as fast as it can. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTrack } from '../server/recording/capture/track-writer.ts';
import { allowed } from '../test/support/capture-rig.ts';
import { chirp, findIn } from '../test/support/chirp.ts';
import { decodeSound, SAMPLE_RATE } from '../test/support/sound.ts';
import { randomFrom } from './bars/bar.ts';

const FRAME_MS = 20;
const FRAME = (SAMPLE_RATE * FRAME_MS) / 1000;
const RISE = chirp(2000, 6000);
const CHIRP_EVERY_SECONDS = 10;
/** What the jitter buffer and the event loop may hold a frame back. */
const LATEST_MS = 15;

/** Seconds of the take in which no frame comes. */
export type Silence = { from: number; to: number };
export type GivenTrack = {
  seconds: number;
  /** When the microphone comes. */
  joinsAt: number;
  /** How much faster than the capture's clock the frames come, in parts per million. */
  fasterPpm: number;
  silences: Silence[];
  seed: number;
};
/** For each chirp that was delivered: its second, and how far from it the file has it, in ms. */
export type Placed = { second: number; offMs: number };

/** Yields to the file's writes, which go on beside the loop. */
const breathe = (): Promise<void> => new Promise((wake) => setImmediate(wake));

/** Frame number `index` of a microphone that says a chirp every ten seconds, beginning with its own first second. */
const frameAt = (index: number): Int16Array => {
  const from = index * FRAME;
  const inChirp = (from - SAMPLE_RATE) % (CHIRP_EVERY_SECONDS * SAMPLE_RATE);
  if (from < SAMPLE_RATE || inChirp >= RISE.length) return new Int16Array(FRAME);
  const frame = new Int16Array(FRAME);
  frame.set(RISE.subarray(inChirp, inChirp + FRAME));
  return frame;
};

export const placeGivenTrack = async (given: GivenTrack, ffmpegBin: string): Promise<Placed[]> => {
  const dir = await mkdtemp(join(tmpdir(), 'loggia-given-'));
  await mkdir(join(dir, 'raw'));
  let nowMs = given.joinsAt * 1000;
  const clock = { bootId: 'bench', monotonicMs: () => nowMs, wallMs: () => nowMs };
  const failures: Error[] = [];
  const track = openTrack({
    ...{ dir, takeId: 'take', trackSid: 'TR_given', epoch: 1, allowed: allowed('ada'), clock },
    anchor: { bootId: 'bench', monotonicMs: 0, wallMs: 0 },
    offsetSamples: given.joinsAt * SAMPLE_RATE,
    watch: {
      holding: () => false,
      nowSample: () => (nowMs * SAMPLE_RATE) / 1000,
      mayHoldOthers: () => false,
      namesOwner: () => false,
    },
    note: async () => {},
    onFailure: (error) => failures.push(error),
  });
  const random = randomFrom(given.seed);
  const pace = FRAME_MS / (1 + given.fasterPpm / 1e6);
  const delivered: number[] = [];
  for (let index = 0; ; index++) {
    const endsMs = given.joinsAt * 1000 + (index + 1) * pace;
    const second = (endsMs - pace) / 1000;
    if (second >= given.seconds) break;
    // A frame is late, never early, and never before the one that came before it
    nowMs = Math.max(nowMs, endsMs + random() * LATEST_MS);
    if (!given.silences.some(({ from, to }) => second >= from && second < to)) {
      track.push(frameAt(index), nowMs);
      const startsChirp =
        index * FRAME >= SAMPLE_RATE && (index * FRAME - SAMPLE_RATE) % (CHIRP_EVERY_SECONDS * SAMPLE_RATE) === 0;
      if (startsChirp) delivered.push(second);
    }
    if (index % 5 === 4) track.advance();
    if (index % 250 === 249) await breathe();
  }
  await track.close();
  if (failures[0]) throw failures[0];
  const pcm = await decodeSound(join(dir, 'raw/take-TR_given-1.flac'), ffmpegBin);
  await rm(dir, { recursive: true });
  return delivered
    .filter((second) => !given.silences.some(({ from, to }) => second + 0.5 >= from && second < to))
    .map((second) => {
      const expected = Math.round((second - given.joinsAt) * SAMPLE_RATE);
      return { second, offMs: ((findIn(pcm, RISE, expected, 9_600) - expected) * 1000) / SAMPLE_RATE };
    });
};
