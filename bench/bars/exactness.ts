/** Bars 4 and 5: cuts. Lengths against the cut list, places to the sample, and what is heard at a join. */
import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { QualitySchema } from '../../server/recording/render/quality.ts';
import { render } from '../../server/recording/render/render.ts';
import { chirp, findIn } from '../../test/support/chirp.ts';
import { makeRecording } from '../../test/support/raw-tracks.ts';
import { SAMPLE_RATE, decodeSound } from '../../test/support/sound.ts';
import { tone } from '../../test/support/voices.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';
import { atMost, randomFrom } from './bar.ts';

const TAKE_SECONDS = 40;
const RISE = chirp(2000, 6000);

const samples = (ms: number): number => (ms * SAMPLE_RATE) / 1000;

/** A chirp in every second second of the take. */
const chirps = (): Int16Array => {
  const pcm = new Int16Array(TAKE_SECONDS * SAMPLE_RATE);
  for (let at = 1; at < TAKE_SECONDS; at += 2) pcm.set(RISE, at * SAMPLE_RATE);
  return pcm;
};

type Range = { takeId: string; fromMs: number; toMs: number };

/** Ranges of 3 to 8 s, in any order over the takes. */
const cutOf = (random: () => number, ranges: number): Range[] =>
  Array.from({ length: ranges }, () => {
    const fromMs = Math.floor(random() * (TAKE_SECONDS - 8) * 1000);
    return { takeId: `take-${random() < 0.5 ? 0 : 1}`, fromMs, toMs: fromMs + 3000 + Math.floor(random() * 5000) };
  });

/** How far each chirp that lies whole within the cut is from where it should be, in samples. */
const misplaced = (master: Int16Array, cut: Range[]): number[] => {
  let before = 0;
  return cut.flatMap(({ fromMs, toMs }) => {
    const [from, to, start] = [samples(fromMs), samples(toMs), before];
    before += to - from;
    const inside = Array.from({ length: TAKE_SECONDS / 2 }, (_, index) => (2 * index + 1) * SAMPLE_RATE).filter(
      (at) => at >= from + 480 && at + RISE.length <= to - 480,
    );
    return inside.map((at) => Math.abs(findIn(master, RISE, start + at - from, 100) - (start + at - from)));
  });
};

/** What a sine does not explain around a join, in dBFS of its peak: x[n] − 2cos(ω)x[n−1] + x[n−2] of a sine is 0. */
const clickDbfs = (pcm: Int16Array, hz: number, seam: number): number => {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE);
  let peak = 0;
  for (let at = seam - 480; at < seam + 480; at++) {
    peak = Math.max(peak, Math.abs(pcm[at]! - coefficient * pcm[at - 1]! + pcm[at - 2]!));
  }
  return 20 * Math.log10(Math.max(peak, 0.5) / 32_768);
};

/** The same ranges by stream copy, which cuts on packets only: its length is off by this many samples. */
const copiedOff = async (ffmpegBin: string, dir: string, file: string, { fromMs, toMs }: Range): Promise<number> => {
  const output = join(dir, 'copied.flac');
  const cut = ['-ss', String(fromMs / 1000), '-to', String(toMs / 1000), '-i', join(dir, file), '-c', 'copy', output];
  execFileSync(ffmpegBin, ['-nostdin', '-v', 'error', '-y', ...cut]);
  const copied = await decodeSound(output, ffmpegBin);
  return Math.abs(copied.length - samples(toMs - fromMs));
};

const measureLengths = async ({ quick, ffmpegBin }: BenchOptions): Promise<Reading[]> => {
  const random = randomFrom(4);
  const takes = [0, 1].map(() => ({ tracks: [{ speaker: 'Ada', pcm: chirps() }] }));
  const { dir, timeline } = await makeRecording(ffmpegBin, takes);
  const found = { off: 0, excessMs: 0, misplaced: 0, copied: 0, chirps: 0 };
  for (let round = 0; round < (quick ? 2 : 10); round++) {
    const cut = cutOf(random, 5);
    const result = await render({ timeline, dir, ffmpegBin, job: `cut-${round}`, tone: false, cut });
    const master = await decodeSound(result.masterFile, ffmpegBin);
    const wanted = cut.reduce((sum, { fromMs, toMs }) => sum + samples(toMs - fromMs), 0);
    const { renditions } = QualitySchema.parse(JSON.parse(await readFile(result.qualityFile, 'utf8')));
    const places = misplaced(master, cut);
    found.off = Math.max(found.off, Math.abs(master.length - wanted));
    found.misplaced = Math.max(found.misplaced, ...places);
    found.chirps += places.length;
    const excess = renditions.map(({ containerMs }) => Math.abs((containerMs ?? 0) - result.durationMs));
    found.excessMs = Math.max(found.excessMs, ...excess);
    found.copied = Math.max(found.copied, await copiedOff(ffmpegBin, dir, timeline.takes[0]!.tracks[0]!.file, cut[0]!));
  }
  await rm(dir, { recursive: true, force: true });
  const floor = `stream copy: ${found.copied} samples off`;
  return [
    { ...atMost(4, 'decoded master off the cut list', found.off, 0, 'samples', 0), floor },
    atMost(4, 'renditions, container field', found.excessMs, 35, 'ms', 1),
    { ...atMost(5, `${found.chirps} places after random cuts`, found.misplaced, 0, 'samples', 0), floor },
  ];
};

const measureJoins = async ({ quick, ffmpegBin }: BenchOptions): Promise<Reading> => {
  const random = randomFrom(5);
  const hz = 441;
  const { dir, timeline } = await makeRecording(ffmpegBin, [
    { tracks: [{ speaker: 'Ada', pcm: tone(hz, TAKE_SECONDS, -12) }] },
  ]);
  const cut = cutOf(random, quick ? 5 : 20).map((range) => ({ ...range, takeId: 'take-0' }));
  const result = await render({ timeline, dir, ffmpegBin, job: 'joins', tone: false, cut });
  const master = await decodeSound(result.masterFile, ffmpegBin);
  const raw = await decodeSound(join(dir, timeline.takes[0]!.tracks[0]!.file), ffmpegBin);
  const hard = new Int16Array(master.length);
  const seams: number[] = [];
  let at = 0;
  for (const { fromMs, toMs } of cut) {
    hard.set(raw.subarray(samples(fromMs), samples(toMs)), at);
    at += samples(toMs - fromMs);
    if (at < master.length) seams.push(at);
  }
  await rm(dir, { recursive: true, force: true });
  const loudest = (pcm: Int16Array): number => Math.max(...seams.map((seam) => clickDbfs(pcm, hz, seam)));
  const reading = atMost(5, `loudest click of ${seams.length} joins`, loudest(master), -40, 'dBFS', 1);
  return { ...reading, floor: `hard cuts: ${loudest(hard).toFixed(1)} dBFS` };
};

export const exactnessBar: Bar = {
  bars: [4, 5],
  measure: async (options) => [...(await measureLengths(options)), await measureJoins(options)],
};
