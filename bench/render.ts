/*
 * How fast a render is: three speakers who talk without a pause, notice tones, MP3, M4A and Opus. The floor, measured
 * in the same run, is what nobody can avoid: decode the three tracks, add them, encode the sum three times. Both run
 * one ffmpeg at a time. Processor time counts (Linux), since the wall clock of a busy machine says little.
 *
 *   node bench/render.ts [seconds of audio, 300] [ffmpeg]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECIPES, RENDITION_KINDS } from '../server/recording/render/encode.ts';
import { render } from '../server/recording/render/render.ts';
import { makeRecording } from '../test/support/raw-tracks.ts';
import { ADA, BO, speak } from '../test/support/voices.ts';

const seconds = Number(process.argv[2] ?? 300);
const ffmpegBin = process.argv[3] ?? 'ffmpeg';
const TICKS_PER_SECOND = 100;

/** User and system time of this process and of its children that have ended (proc_pid_stat(5), fields 14 to 17). */
const cpuSeconds = (): number => {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
};

const measure = async (name: string, work: () => Promise<void>): Promise<number> => {
  const [cpuBefore, wallBefore] = [cpuSeconds(), performance.now()];
  await work();
  const cpu = cpuSeconds() - cpuBefore;
  const wall = (performance.now() - wallBefore) / 1000;
  const speed = (spent: number) => `${(seconds / spent).toFixed(1)}×`;
  console.log(
    `${name}: ${cpu.toFixed(1)} CPU-s = ${speed(cpu)} real time on one core; ${wall.toFixed(1)} s by the clock = ${speed(wall)}`,
  );
  return cpu;
};

const voices = [ADA, BO, { ...BO, pitchHz: 150, seed: 99 }];
const tracks = voices.map((voice, i) => ({ speaker: `voice ${i}`, pcm: speak(voice, seconds, -20 - 10 * i) }));
const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks }]);
const floorDir = mkdtempSync(join(tmpdir(), 'loggia-floor-'));
try {
  const floor = await measure('floor ', async () => {
    const files = timeline.takes[0]!.tracks.flatMap(({ file }) => ['-i', join(dir, file)]);
    const mix = join(floorDir, 'mix.flac');
    const quiet = ['-nostdin', '-v', 'error', '-y'];
    execFileSync(ffmpegBin, [...quiet, ...files, '-filter_complex', 'amix=inputs=3:normalize=0', mix]);
    for (const kind of RENDITION_KINDS) {
      const { codec, file } = RECIPES[kind];
      execFileSync(ffmpegBin, [...quiet, '-i', mix, ...codec, join(floorDir, file)]);
    }
  });
  const ours = await measure('render', async () => {
    const { loudnessLufs, truePeakDbtp } = await render({ timeline, dir, ffmpegBin, job: 'bench' });
    console.log(`master: ${loudnessLufs} LUFS, ${truePeakDbtp} dBTP`);
  });
  console.log(`ratio: ${(ours / floor).toFixed(2)} (render to floor); bar: at least 8× real time on one core`);
} finally {
  rmSync(dir, { recursive: true, force: true });
  rmSync(floorDir, { recursive: true, force: true });
}
