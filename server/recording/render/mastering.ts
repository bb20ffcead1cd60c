import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { FfmpegCapabilities } from '../ffmpeg-probe.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { alignArgs, joinArgs, partsOf } from './align.ts';
import { UNCHANGED, firstSetting, isMaster, makeupFor, nextSetting, readLoudness, voiceGain } from './loudness.ts';
import type { Loudness, MasterRound } from './loudness.ts';
import { masterArgs } from './master.ts';
import { levelArgs, mixArgs } from './mix.ts';
import { takeEdges, type Piece } from './plan.ts';
import type { Treatment } from './preset.ts';
import type { SoundPlan } from './probe.ts';
import type { Tracker } from './progress.ts';
import { MasterReportSchema, type MasterReport, type VoiceReport } from './quality.ts';
import { measureTiming, type Timing } from './timing.ts';
import { inTurns } from './turns.ts';
import type { Made, Workshop } from './workshop.ts';

const LoudnessSchema = z.object({ loudnessLufs: z.number().nullable(), truePeakDbtp: z.number().nullable() });
const MOST_ROUNDS = 3;

/** All that the stages from the raw tracks to the master share. */
export type Mastering = {
  workshop: Workshop;
  /** The recording's folder, from which the plan names its files. */
  dir: string;
  ffmpeg: FfmpegCapabilities;
  sound: SoundPlan;
  treatment: Treatment;
  key: string;
  tone: boolean;
  atOnce: number;
  track: Tracker;
};

/** Raw tracks to master. While the master lies finished nothing before it is done again. */
export const makeMaster = (job: Mastering): Promise<Made<MasterReport>> =>
  job.workshop.once({
    name: 'master',
    key: job.key,
    extension: 'flac',
    noteSchema: MasterReportSchema,
    make: async (output) => {
      const timing = await measureTiming(job.ffmpeg, job.treatment.clean, job.workshop.run);
      const { voices, lines } = await makeLines(job, timing);
      const mix = await makeMix(job, lines);
      const rounds = await makeRounds(job, { mix, timing, output });
      const chosen = rounds.at(-1)!.measured;
      return { ...chosen, rounds: rounds.length, voices };
    },
  });

type Line = { file: string; gainDb: number; makeupDb: number };

/** Lays every voice on the episode's line and finds its level. A seat none of whose files can be read has no line. */
const makeLines = async (job: Mastering, timing: Timing): Promise<{ voices: VoiceReport[]; lines: Line[] }> => {
  const { plan, shortfalls } = job.sound;
  const part = job.track('align', plan.voices.length);
  const made = await inTurns(plan.voices, job.atOnce, async ({ speaker, seatId, pieces }, index) => {
    const line = pieces.flat().length > 0 ? await makeLine(job, { pieces, index, timing }, part) : undefined;
    const loudnessLufs = line?.note.loudnessLufs ?? null;
    const { gainDb, warnings } = voiceGain(loudnessLufs, job.treatment.mostGainDb);
    const shortfall = shortfalls.get(seatId);
    const report = {
      speaker,
      seatId,
      gainDb,
      loudnessLufs,
      warnings: [...warnings, ...(shortfall ? [shortfall] : [])],
    };
    if (!line) return { report, line: undefined };
    const makeupDb = await makeupOf(job, { ...line, gainDb, index });
    part(index, 1);
    return { report, line: { file: line.file, gainDb, makeupDb } };
  });
  return { voices: made.map(({ report }) => report), lines: made.flatMap(({ line }) => line ?? []) };
};

/** Most of the work of a line is its making; the level is read from it quickly. */
const LINE_SHARE = 0.8;

const makeLine = (
  job: Mastering,
  voice: { pieces: Piece[][]; index: number; timing: Timing },
  part: (index: number, fraction: number) => void,
): Promise<Made<Loudness>> => {
  const { ranges } = job.sound.plan;
  const pieces = voice.pieces.map((range) => range.map((piece) => ({ ...piece, file: join(job.dir, piece.file) })));
  const cleaning = { clean: job.treatment.clean, delaySamples: voice.timing.voiceDelaySamples };
  const onFraction = (fraction: number) => part(voice.index, LINE_SHARE * fraction);
  return job.workshop.once({
    name: `line-${voice.index}`,
    key: job.key,
    extension: 'flac',
    noteSchema: LoudnessSchema,
    make: async (output) => {
      const parts = partsOf({ ranges, pieces });
      if (parts.length === 1) return measuredRun(job, alignArgs({ ...parts[0]!, cleaning, output }), onFraction);
      const files = parts.map((_, i) => join(job.workshop.folder, `part-${voice.index}-${i}.flac`));
      for (const [i, file] of files.entries()) {
        await job.workshop.run(alignArgs({ ...parts[i]!, cleaning: null, output: file }), limitsOf(job));
      }
      return measuredRun(job, joinArgs(files, cleaning, output), onFraction);
    },
  });
};

/** What the compressor takes from a voice, measured. */
const makeupOf = async (
  job: Mastering,
  line: { file: string; note: Loudness; gainDb: number; index: number },
): Promise<number> => {
  const { dynamics } = job.treatment;
  if (dynamics === null) return 0;
  const { note } = await job.workshop.once({
    name: `level-${line.index}`,
    key: job.key,
    noteSchema: LoudnessSchema,
    make: () => measuredRun(job, levelArgs({ ...line, dynamics }), () => undefined),
  });
  return makeupFor(line.note.loudnessLufs, line.gainDb, note.loudnessLufs);
};

const makeMix = (job: Mastering, lines: Line[]): Promise<Made<Loudness>> => {
  const part = job.track('mix');
  return job.workshop.once({
    name: 'mix',
    key: job.key,
    extension: 'flac',
    noteSchema: LoudnessSchema,
    make: (output) => {
      const args = mixArgs({
        lines,
        dynamics: job.treatment.dynamics,
        lengthSamples: job.sound.plan.lengthSamples,
        output,
      });
      return measuredRun(job, args, (fraction) => part(0, fraction));
    },
  });
};

/** Rounds until one is a master, at most three; the one that came nearest is kept. */
const makeRounds = async (
  job: Mastering,
  from: { mix: Made<Loudness>; timing: Timing; output: string },
): Promise<MasterRound[]> => {
  const { ranges, lengthSamples } = job.sound.plan;
  const part = job.track('master', MOST_ROUNDS);
  const first = firstSetting(from.mix.note);
  const edges = job.tone ? takeEdges(ranges) : [];
  const rounds: MasterRound[] = [];
  const attempt = (round: number) => join(job.workshop.folder, `round-${round}.flac`);
  for (let setting = first ?? UNCHANGED; ; setting = nextSetting(rounds)) {
    const output = attempt(rounds.length);
    const { timing } = from;
    const args = masterArgs({ mix: from.mix.file, lengthSamples, setting, edges, timing: timing.limiter, output });
    const measured = await measuredRun(job, args, (fraction) => part(rounds.length, fraction));
    rounds.push({ setting, measured });
    if (first === null || isMaster(measured) || rounds.length === MOST_ROUNDS) break;
  }
  await rename(attempt(rounds.length - 1), from.output);
  return rounds;
};

/** What a call may take follows from the sound's length: of the episode, and of the takes that are read for it. */
const limitsOf = ({ sound: { plan } }: Mastering) => {
  const read = plan.ranges.reduce((longest, { takeLength }) => Math.max(longest, takeLength), plan.lengthSamples);
  return { timeLimitMs: timeLimitMs((read / SAMPLE_RATE) * 1000), sizeLimitBytes: 1_000_000 + plan.lengthSamples * 4 };
};

/** Runs a command whose graph ends in a meter; gives what the meter read. */
const measuredRun = async (
  job: Mastering,
  args: string[],
  onFraction: (fraction: number) => void,
): Promise<Loudness> => {
  const durationMs = (job.sound.plan.lengthSamples / SAMPLE_RATE) * 1000;
  const { stderrTail } = await job.workshop.run(args, {
    ...limitsOf(job),
    level: 'info',
    onProgress: ({ outTimeMs }) => onFraction(outTimeMs / durationMs),
  });
  onFraction(1);
  return readLoudness(stderrTail);
};

/** Twice real time is far slower than any machine that can hold a room; a call that takes longer is stuck. */
export const timeLimitMs = (durationMs: number): number => 60_000 + 2 * durationMs;
