import { describe, expect, it } from 'vitest';
import { lastSampleIn } from './flac-length.ts';
import { BLOCK_SAMPLES, flacEncoder, flacHeader } from './flac.ts';

const wave = (length: number): Int16Array =>
  Int16Array.from({ length }, (_, i) => Math.round(8000 * Math.sin(i / 17) + 3000 * Math.sin(i * i)));

const encode = (pcm: Int16Array): { bytes: Buffer; frames: Buffer[] } => {
  const encoder = flacEncoder();
  const frames: Buffer[] = [];
  for (let at = 0; at < pcm.length; at += BLOCK_SAMPLES) frames.push(encoder.encode(pcm.slice(at, at + BLOCK_SAMPLES)));
  return { bytes: Buffer.concat([flacHeader(), ...frames]), frames };
};

describe('the length of a FLAC file', () => {
  it('is read from its last frame, short or whole', () => {
    for (const length of [1, 100, BLOCK_SAMPLES, BLOCK_SAMPLES * 3 + 7, BLOCK_SAMPLES * 300]) {
      expect(lastSampleIn(encode(wave(length)).bytes.subarray(-32_768))).toBe(length);
    }
  });

  it('cut anywhere in its last frame is that of the whole frames left', () => {
    const { bytes, frames } = encode(wave(BLOCK_SAMPLES * 4));
    const last = frames.at(-1)!.length;
    for (let cut = 1; cut <= last; cut += 3) {
      expect(lastSampleIn(bytes.subarray(0, -cut))).toBe(BLOCK_SAMPLES * 3);
    }
  });

  it('is 0 when no frame is whole', () => {
    expect(lastSampleIn(flacHeader())).toBe(0);
  });
});

describe('the encoder', () => {
  it('writes a second of silence in a few bytes', () => {
    expect(encode(new Int16Array(48_000)).frames.reduce((sum, frame) => sum + frame.length, 0)).toBeLessThan(200);
  });

  it('never needs more than the samples themselves and a header', () => {
    const noise = Int16Array.from({ length: BLOCK_SAMPLES }, (_, i) => ((i * 7919) % 65_536) - 32_768);
    expect(encode(noise).frames[0]!.length).toBeLessThan(BLOCK_SAMPLES * 2 + 16);
  });
});
