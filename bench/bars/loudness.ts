/** Bars 1 to 3: loudness, true peak, and how far apart speakers are, beside two-pass loudnorm over the plain mix. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { render } from '../../server/recording/render/render.ts';
import { loudnessOf } from '../../test/support/loudness.ts';
import { makeRecording } from '../../test/support/raw-tracks.ts';
import { SAMPLE_RATE } from '../../test/support/sound.ts';
import { ADA, BO, speak, tone } from '../../test/support/voices.ts';
import { timed } from '../process-cost.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';
import { atMost } from './bar.ts';

const TARGET_LUFS = -16;
const CY = { pitchHz: 150, throat: 1.08, syllablesPerSecond: 5.2, seed: 99 };
const LEVELS_DBFS = [-20, -40, -30];

/** A voice with a thump of the table every three seconds, so that the limiter has something to do. */
const thumping = (pcm: Int16Array): Int16Array => {
  const thump = tone(160, 0.03, -1);
  for (let at = SAMPLE_RATE; at + thump.length < pcm.length; at += 3 * SAMPLE_RATE) pcm.set(thump, at);
  return pcm;
};

const fixture = (ffmpegBin: string, seconds: number) => {
  const voices = [ADA, BO, CY].map((voice, index) => speak(voice, seconds, LEVELS_DBFS[index]));
  thumping(voices[2]!);
  const tracks = voices.map((pcm, index) => ({
    ...{ speaker: `voice ${index}`, pcm },
    offsetSamples: index * seconds * SAMPLE_RATE,
  }));
  return makeRecording(ffmpegBin, [{ tracks }]);
};

/** The tracks added up as they are, then loudnorm twice, as its manual has it. */
const loudnorm = (ffmpegBin: string, files: string[], offsets: number[], output: string): void => {
  const quiet = ['-nostdin', '-hide_banner', '-nostats', '-y'];
  const inputs = files.flatMap((file) => ['-i', file]);
  const delayed = offsets.map((offset, index) => `[${index}:a]adelay=${offset}S[d${index}]`);
  const mix = `${delayed.join(';')};${offsets.map((_, index) => `[d${index}]`).join('')}amix=inputs=${offsets.length}:normalize=0`;
  const target = 'I=-16:TP=-3:LRA=11:dual_mono=true';
  const first = [
    ...quiet,
    ...inputs,
    '-filter_complex',
    `${mix},loudnorm=${target}:print_format=json`,
    '-f',
    'null',
    '-',
  ];
  const { stderr } = spawnSync(ffmpegBin, first, { encoding: 'utf8' });
  const found = JSON.parse(stderr.slice(stderr.lastIndexOf('{'), stderr.lastIndexOf('}') + 1)) as Record<
    string,
    string
  >;
  const measured = [
    `measured_I=${found['input_i']}:measured_TP=${found['input_tp']}:measured_LRA=${found['input_lra']}`,
    `measured_thresh=${found['input_thresh']}:offset=${found['target_offset']}:linear=true`,
  ].join(':');
  const second = [
    ...quiet,
    ...inputs,
    '-filter_complex',
    `${mix},loudnorm=${target}:${measured}`,
    '-ar',
    '48000',
    output,
  ];
  execFileSync(ffmpegBin, second, { stdio: 'ignore' });
};

const spreadOf = async (ffmpegBin: string, file: string, seconds: number): Promise<number> => {
  const heard: number[] = [];
  for (const index of LEVELS_DBFS.keys()) {
    const stretch = { fromSeconds: index * seconds + 0.5, toSeconds: (index + 1) * seconds - 0.5 };
    heard.push((await loudnessOf(ffmpegBin, file, stretch)).lufs);
  }
  return Math.max(...heard) - Math.min(...heard);
};

const measure = async ({ quick, ffmpegBin }: BenchOptions): Promise<Reading[]> => {
  const seconds = quick ? 15 : 120;
  const { dir, timeline } = await fixture(ffmpegBin, seconds);
  const scratch = mkdtempSync(join(tmpdir(), 'loggia-bench-'));
  try {
    let result: Awaited<ReturnType<typeof render>> | undefined;
    const ours = await timed(
      async () => (result = await render({ timeline, dir, ffmpegBin, job: 'bench', tone: false })),
    );
    const plain = join(scratch, 'loudnorm.flac');
    const { tracks } = timeline.takes[0]!;
    const [files, offsets] = [tracks.map(({ file }) => join(dir, file)), tracks.map((track) => track.offsetSamples)];
    const theirs = await timed(async () => loudnorm(ffmpegBin, files, offsets, plain));
    const [master, other] = [await loudnessOf(ffmpegBin, result!.masterFile), await loudnessOf(ffmpegBin, plain)];
    const renditions = await Promise.all(result!.renditions.map(({ file }) => loudnessOf(ffmpegBin, file)));
    const off = ({ lufs }: { lufs: number }): number => Math.abs(lufs - TARGET_LUFS);
    const [spread, otherSpread] = [
      await spreadOf(ffmpegBin, result!.masterFile, seconds),
      await spreadOf(ffmpegBin, plain, seconds),
    ];
    const cost = `two-pass loudnorm: ${off(other).toFixed(2)} LU off, ${theirs.cpuSeconds.toFixed(1)} CPU-s; ours with all files ${ours.cpuSeconds.toFixed(1)}`;
    return [
      { ...atMost(1, 'master off −16 LUFS', off(master), 0.3, 'LU'), floor: cost, ratio: off(master) / off(other) },
      atMost(1, 'worst rendition off −16 LUFS', Math.max(...renditions.map(off)), 0.7, 'LU'),
      { ...atMost(2, 'true peak of the master', master.dbtp, -3, 'dBTP'), floor: `loudnorm: ${other.dbtp} dBTP` },
      atMost(2, 'true peak of the worst rendition', Math.max(...renditions.map(({ dbtp }) => dbtp)), -1, 'dBTP'),
      {
        ...atMost(3, 'speakers recorded 20 LU apart', spread, 1.5, 'LU'),
        ...{ floor: `loudnorm: ${otherSpread.toFixed(2)} LU`, ratio: spread / otherSpread },
      },
    ];
  } finally {
    for (const folder of [dir, scratch]) rmSync(folder, { recursive: true, force: true });
  }
};

export const loudnessBar: Bar = { bars: [1, 2, 3], measure };
