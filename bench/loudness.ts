/*
 * Loudness against the usual way: ffmpeg's loudnorm in two passes with `linear=true`, on the same mix of the same
 * fixtures. What counts is how far the result lies from −16 LUFS, how far apart the speakers still are, and how long it
 * took. loudnorm falls back to its dynamic mode without saying so wherever a linear gain would pass its ceiling.
 *
 *   node bench/loudness.ts [seconds of each voice, 20] [ffmpeg]
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { render } from '../server/recording/render/render.ts';
import { loudnessOf } from '../test/support/loudness.ts';
import { makeRecording } from '../test/support/raw-tracks.ts';
import type { RawTrack } from '../test/support/raw-tracks.ts';
import { SAMPLE_RATE } from '../test/support/sound.ts';
import { ADA, BO, speak, tone } from '../test/support/voices.ts';

const TARGET_LUFS = -16;
const CEILING_DBTP = -3;
const CY = { pitchHz: 150, throat: 1.08, syllablesPerSecond: 5.2, seed: 99 };

/** Of one way on one fixture: distance from −16 LUFS, true peak, distance between the speakers, time. */
export type LoudnessRun = { errorLu: number; dbtp: number; spreadLu: number; seconds: number };
export type LoudnessComparison = { fixture: string; ours: LoudnessRun; loudnorm: LoudnessRun };

const run = promisify(execFile);

const thumping = (pcm: Int16Array): Int16Array => {
  const thump = tone(160, 0.03, -1);
  for (let at = SAMPLE_RATE; at + thump.length < pcm.length; at += 3 * SAMPLE_RATE) pcm.set(thump, at);
  return pcm;
};

/** Voices one after another, so that each can be measured in the result. */
const fixturesOf = (seconds: number): Record<string, RawTrack[]> => {
  const inTurn = (...voices: Int16Array[]): RawTrack[] =>
    voices.map((pcm, i) => ({ speaker: `voice ${i}`, pcm, offsetSamples: i * seconds * SAMPLE_RATE }));
  return {
    'one voice': inTurn(speak(ADA, seconds, -26)),
    'three voices 20 LU apart': inTurn(speak(ADA, seconds, -20), speak(BO, seconds, -40), speak(CY, seconds, -30)),
    'a quiet voice that thumps on the table': inTurn(thumping(speak(ADA, seconds, -36)), speak(BO, seconds, -26)),
  };
};

const measured = async (bin: string, file: string, voices: number, seconds: number, tookMs: number) => {
  const { lufs, dbtp } = await loudnessOf(bin, file);
  const levels = [];
  for (let i = 0; i < voices; i++) {
    const stretch = { fromSeconds: i * seconds + 0.5, toSeconds: (i + 1) * seconds - 0.5 };
    levels.push((await loudnessOf(bin, file, stretch)).lufs);
  }
  const spreadLu = Math.max(...levels) - Math.min(...levels);
  return { errorLu: Math.abs(lufs - TARGET_LUFS), dbtp, spreadLu, seconds: tookMs / 1000 };
};

const MeasuredSchema = z.object({
  input_i: z.string(),
  input_tp: z.string(),
  input_lra: z.string(),
  input_thresh: z.string(),
  target_offset: z.string(),
});

/** Sums the tracks as they are and normalises the sum in two passes, as the manual says. */
const normalise = async (bin: string, files: string[], delays: number[], output: string): Promise<void> => {
  const laid = delays.map((delay, i) => `[${i}:a]adelay=${delay}S[t${i}]`);
  const labels = delays.map((_, i) => `[t${i}]`).join('');
  const sum = `${laid.join(';')};${labels}amix=inputs=${delays.length}:normalize=0`;
  const aim = `loudnorm=I=${TARGET_LUFS}:TP=${CEILING_DBTP}:LRA=11:dual_mono=true`;
  const base = ['-nostdin', '-hide_banner', '-nostats', '-y', ...files.flatMap((file) => ['-i', file])];
  const first = await run(bin, [...base, '-filter_complex', `${sum},${aim}:print_format=json`, '-f', 'null', '-']);
  const found = MeasuredSchema.parse(
    JSON.parse(first.stderr.slice(first.stderr.lastIndexOf('{'), first.stderr.lastIndexOf('}') + 1)),
  );
  const known = [
    `measured_I=${found.input_i}:measured_TP=${found.input_tp}:measured_LRA=${found.input_lra}`,
    `measured_thresh=${found.input_thresh}:offset=${found.target_offset}:linear=true`,
  ].join(':');
  await run(bin, [...base, '-filter_complex', `${sum},${aim}:${known}`, '-ar', '48000', '-c:a', 'flac', output]);
};

/** Both ways on every fixture. The time of ours is that of the whole way to the master, levelling of voices included. */
export const compareLoudness = async (ffmpegBin: string, seconds = 20): Promise<LoudnessComparison[]> => {
  const compared: LoudnessComparison[] = [];
  for (const [fixture, tracks] of Object.entries(fixturesOf(seconds))) {
    const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks }]);
    try {
      let startedAt = performance.now();
      let masterMs = 0;
      const onProgress = ({ step }: { step: string }): void => {
        if (step === 'encode') masterMs ||= performance.now() - startedAt;
      };
      const input = { timeline, dir, ffmpegBin, job: 'bench', tone: false };
      const { masterFile } = await render(input, { onProgress });
      const ours = await measured(ffmpegBin, masterFile, tracks.length, seconds, masterMs);

      startedAt = performance.now();
      const output = join(dir, 'loudnorm.flac');
      const files = timeline.takes[0]!.tracks.map(({ file }) => join(dir, file));
      await normalise(
        ffmpegBin,
        files,
        tracks.map(({ offsetSamples = 0 }) => offsetSamples),
        output,
      );
      const tookMs = performance.now() - startedAt;
      compared.push({ fixture, ours, loudnorm: await measured(ffmpegBin, output, tracks.length, seconds, tookMs) });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
  return compared;
};

const lineOf = (name: string, { errorLu, dbtp, spreadLu, seconds }: LoudnessRun): string =>
  `  ${name}: ${errorLu.toFixed(1)} LU off, ${dbtp.toFixed(1)} dBTP, speakers ${spreadLu.toFixed(1)} LU apart, ${seconds.toFixed(1)} s`;

if (import.meta.main) {
  const [seconds = '20', ffmpegBin = 'ffmpeg'] = process.argv.slice(2);
  for (const { fixture, ours, loudnorm } of await compareLoudness(ffmpegBin, Number(seconds))) {
    console.log([fixture, lineOf('loggia  ', ours), lineOf('loudnorm', loudnorm)].join('\n'));
  }
}
