/** Reading, writing and measuring sound in tests: 48 kHz, mono, 16 bit, as `Int16Array`. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export const SAMPLE_RATE = 48_000;

/** Decodes any sound file to 48 kHz mono with ffmpeg; throws with ffmpeg's own words when it cannot. */
export const decodeSound = async (file: string, ffmpegBin: string): Promise<Int16Array> => {
  const args = ['-nostdin', '-hide_banner', '-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '48000', '-'];
  const { stdout } = await promisify(execFile)(ffmpegBin, args, { encoding: 'buffer', maxBuffer: 2 ** 31 - 1 });
  return new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length & ~1)));
};

/** A complete mono WAV file of these samples. */
export const wavBytes = (pcm: Int16Array, sampleRate = SAMPLE_RATE): Buffer => {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + pcm.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(pcm.byteLength, 40);
  return Buffer.concat([header, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)]);
};

export const writeWav = (file: string, pcm: Int16Array): Promise<void> => writeFile(file, wavBytes(pcm));

/** Root mean square in dBFS (a full-scale square wave is 0); silence is -Infinity. */
export const levelDbfs = (pcm: Int16Array): number => {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return pcm.length === 0 ? -Infinity : 20 * Math.log10(Math.sqrt(sum / pcm.length) / 32768);
};

/** Level in dBFS of one frequency in these samples (Goertzel's algorithm); a sine of peak 1.0 is 0. */
export const toneDbfs = (pcm: Int16Array, hz: number): number => {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE);
  let before = 0;
  let last = 0;
  for (const sample of pcm) [before, last] = [last, sample / 32768 + coefficient * last - before];
  const power = before * before + last * last - coefficient * before * last;
  return 10 * Math.log10(Math.max(power, 1e-20)) + 20 * Math.log10(2 / Math.max(1, pcm.length));
};

/** The strongest frequency between 100 and 4000 Hz, to 50 Hz. */
export const dominantHz = (pcm: Int16Array): number => {
  const candidates = Array.from({ length: 79 }, (_, i) => 100 + i * 50);
  return candidates.reduce((best, hz) => (toneDbfs(pcm, hz) > toneDbfs(pcm, best) ? hz : best), 100);
};

/**
 * Where beeps of this frequency begin, in seconds: the points at which the tone, measured over 5 ms windows each
 * 2.5 ms, rises above half of its peak amplitude after at least `restSeconds` below it.
 */
export const onsetsOf = (pcm: Int16Array, hz: number, restSeconds = 0.1): number[] => {
  const window = 240;
  const levels: number[] = [];
  for (let at = 0; at + window <= pcm.length; at += window / 2) {
    levels.push(10 ** (toneDbfs(pcm.subarray(at, at + window), hz) / 20));
  }
  const threshold = levels.reduce((peak, level) => Math.max(peak, level), 0) / 2;
  const onsets: number[] = [];
  let quietSince = 0;
  levels.forEach((level, index) => {
    const seconds = (index * window) / 2 / SAMPLE_RATE;
    if (level < threshold) return;
    if (seconds - quietSince >= restSeconds || onsets.length === 0) onsets.push(seconds);
    quietSince = seconds;
  });
  return onsets;
};
