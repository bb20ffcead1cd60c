/**
 * Bar 13: three speakers who talk without a pause, notice tones, MP3, M4A and Opus. The floor is what nobody can avoid:
 * decode the three tracks, add them, encode the sum three times. Both run one ffmpeg at a time. Processor time counts,
 * since the wall clock of a busy machine says little.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECIPES, RENDITION_KINDS } from '../../server/recording/render/encode.ts';
import { render } from '../../server/recording/render/render.ts';
import { makeRecording } from '../../test/support/raw-tracks.ts';
import { ADA, BO, speak } from '../../test/support/voices.ts';
import { timed } from '../process-cost.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';

const AT_LEAST = 8;

const plainWay = (ffmpegBin: string, files: string[], folder: string): void => {
  const mix = join(folder, 'mix.flac');
  const quiet = ['-nostdin', '-v', 'error', '-y'];
  const inputs = files.flatMap((file) => ['-i', file]);
  execFileSync(ffmpegBin, [...quiet, ...inputs, '-filter_complex', `amix=inputs=${files.length}:normalize=0`, mix]);
  for (const kind of RENDITION_KINDS) {
    const { codec, file } = RECIPES[kind];
    execFileSync(ffmpegBin, [...quiet, '-i', mix, ...codec, join(folder, file)]);
  }
};

const measure = async ({ quick, ffmpegBin }: BenchOptions): Promise<Reading[]> => {
  const seconds = quick ? 60 : 600;
  const voices = [ADA, BO, { ...BO, pitchHz: 150, seed: 99 }];
  const tracks = voices.map((voice, i) => ({ speaker: `voice ${i}`, pcm: speak(voice, seconds, -20 - 10 * i) }));
  const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks }]);
  const folder = mkdtempSync(join(tmpdir(), 'loggia-floor-'));
  try {
    const files = timeline.takes[0]!.tracks.map(({ file }) => join(dir, file));
    const floor = await timed(async () => plainWay(ffmpegBin, files, folder));
    const ours = await timed(() => render({ timeline, dir, ffmpegBin, job: 'bench' }));
    const speed = ({ cpuSeconds }: { cpuSeconds: number }): number => seconds / cpuSeconds;
    return [
      {
        bar: 13,
        what: `render of ${seconds} s, 3 speakers, per core`,
        measured: `${speed(ours).toFixed(1)}× real time (${(seconds / ours.wallSeconds).toFixed(1)}× by the clock)`,
        bound: `≥ ${AT_LEAST}×`,
        ok: speed(ours) >= AT_LEAST,
        floor: `decode, add, encode ×3: ${speed(floor).toFixed(1)}×`,
        ratio: ours.cpuSeconds / floor.cpuSeconds,
      },
    ];
  } finally {
    for (const one of [dir, folder]) rmSync(one, { recursive: true, force: true });
  }
};

export const renderSpeedBar: Bar = { bars: [13], measure };
