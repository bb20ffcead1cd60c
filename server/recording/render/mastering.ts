import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { alignArgs } from './align.ts';
import { UNCHANGED, firstSetting, isMaster, nextSetting, readLoudness, voiceGain } from './loudness.ts';
import type { Loudness, MasterRound } from './loudness.ts';
import { masterArgs } from './master.ts';
import { mixArgs } from './mix.ts';
import { takeEdges } from './plan.ts';
import type { SoundPlan } from './probe.ts';
import type { Tracker } from './progress.ts';
import { MasterReportSchema, type MasterReport, type VoiceReport } from './quality.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { measureTiming, type Timing } from './timing.ts';
import { inTurns } from './turns.ts';
import type { FfmpegCapabilities } from '../ffmpeg-probe.ts';
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
      const timing = await measureTiming(job.ffmpeg, job.workshop.run);
      const { voices, lines } = await makeLines(job, timing);
      const mix = await makeMix(job, lines);
      const rounds = await makeRounds(job, { mix, timing, output });
      const chosen = rounds.at(-1)!.measured;
      return { ...chosen, rounds: rounds.length, voices };
    },
  });

type Line = { file: string; gainDb: number };

const makeLines = async (job: Mastering, timing: Timing): Promise<{ voices: VoiceReport[]; lines: Line[] }> => {
  const { plan, shortfalls } = job.sound;
  const part = job.track('align', plan.voices.length);
  const measured = await inTurns(plan.voices, job.atOnce, async (voice, index) => {
    if (voice.pieces.flat().length === 0) return null;
    return job.workshop.once({
      name: `line-${index}`,
      key: job.key,
      extension: 'flac',
      noteSchema: LoudnessSchema,
      make: (output) => {
        const pieces = voice.pieces.map((range) =>
          range.map((piece) => ({ ...piece, file: join(job.dir, piece.file) })),
        );
        const args = alignArgs({ ranges: plan.ranges, pieces, delaySamples: timing.voiceDelaySamples, output });
        return measuredRun(job, args, (fraction) => part(index, fraction));
      },
    });
  });
  const lines: Line[] = [];
  const voices = plan.voices.map(({ speaker, seatId }, index) => {
    const line = measured[index];
    const loudnessLufs = line?.note.loudnessLufs ?? null;
    const { gainDb, warnings } = voiceGain(loudnessLufs);
    const shortfall = shortfalls.get(seatId);
    if (line) lines.push({ file: line.file, gainDb });
    return { speaker, seatId, gainDb, loudnessLufs, warnings: [...warnings, ...(shortfall ? [shortfall] : [])] };
  });
  return { voices, lines };
};

const makeMix = (job: Mastering, lines: Line[]): Promise<Made<Loudness>> => {
  const part = job.track('mix');
  return job.workshop.once({
    name: 'mix',
    key: job.key,
    extension: 'flac',
    noteSchema: LoudnessSchema,
    make: (output) => {
      const args = mixArgs({ lines, lengthSamples: job.sound.plan.lengthSamples, output });
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

/** Runs a command whose graph ends in a meter; gives what the meter read. The limits follow from the episode's length. */
const measuredRun = async (
  job: Mastering,
  args: string[],
  onFraction: (fraction: number) => void,
): Promise<Loudness> => {
  const durationMs = (job.sound.plan.lengthSamples / SAMPLE_RATE) * 1000;
  const { stderrTail } = await job.workshop.run(args, {
    level: 'info',
    timeLimitMs: timeLimitMs(durationMs),
    sizeLimitBytes: 1_000_000 + job.sound.plan.lengthSamples * 4,
    onProgress: ({ outTimeMs }) => onFraction(outTimeMs / durationMs),
  });
  onFraction(1);
  return readLoudness(stderrTail);
};

/** Twice real time is far slower than any machine that can hold a room; a call that takes longer is stuck. */
export const timeLimitMs = (durationMs: number): number => 60_000 + 2 * durationMs;
