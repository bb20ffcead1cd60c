import type { FfmpegCapabilities } from '../ffmpeg-probe.ts';
import type { RunFfmpeg } from './workshop.ts';
import { FIRST_CEILING_DB } from './loudness.ts';
import { limiterChain, type LimiterTiming } from './master.ts';

/** By how many samples the chains of this ffmpeg answer late; what a render gives back so that it stays exact. */
export type Timing = { voiceDelaySamples: number; limiter: LimiterTiming };

/** A fifth of a second gliding from 2 to 6 kHz, where the high-pass delays nothing: its correlation has one sharp peak. */
const CHIRP =
  "aevalsrc=exprs='0.3*between(t,0.1,0.3)*sin(2*PI*(2000*(t-0.1)+10000*(t-0.1)*(t-0.1)))':s=48000:d=0.6,aformat=sample_fmts=flt";
const FROM_SAMPLE = 4800;
const TO_SAMPLE = 14_400;
const MOST_DELAY = 9600;
/** Every eighth sample is enough: the chirp glides 14 400 samples before a product of two would look like one at rest. */
const STRIDE = 8;

/**
 * Measures what the filters do to time instead of knowing it by version: in ffmpeg 5.1 `afftdn` answers 1200 samples
 * late, and `alimiter` 240 where it has no `latency` option.
 */
export const measureTiming = async (ffmpeg: FfmpegCapabilities, clean: string, run: RunFfmpeg): Promise<Timing> => {
  const latency = ffmpeg.limiterLatency;
  const [plain, voice, limited] = await Promise.all([
    samplesOf(CHIRP, run),
    samplesOf(`${CHIRP},${clean}`, run),
    samplesOf(`${CHIRP},${limiterChain(FIRST_CEILING_DB, latency)}`, run),
  ]);
  return {
    voiceDelaySamples: delayBetween(plain, voice),
    limiter: { latency, delaySamples: delayBetween(plain, limited) },
  };
};

const samplesOf = async (graph: string, run: RunFfmpeg): Promise<Float32Array> => {
  const chunks: Buffer[] = [];
  const args = ['-filter_complex', `${graph}[out]`, '-map', '[out]', '-c:a', 'pcm_f32le', '-f', 'f32le', 'pipe:1'];
  await run(args, { onData: (chunk) => chunks.push(chunk) });
  return new Float32Array(new Uint8Array(Buffer.concat(chunks)).buffer);
};

/** The shift at which the two correlate best, 0 to 9600 samples. */
export const delayBetween = (plain: Float32Array, late: Float32Array): number => {
  let best = { delay: 0, correlation: -Infinity };
  for (let delay = 0; delay <= MOST_DELAY; delay++) {
    let correlation = 0;
    for (let at = FROM_SAMPLE; at < TO_SAMPLE; at += STRIDE) correlation += plain[at]! * (late[at + delay] ?? 0);
    if (correlation > best.correlation) best = { delay, correlation };
  }
  return best.delay;
};
