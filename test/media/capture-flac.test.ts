import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flacLengthSamples } from '../../server/recording/capture/flac-length.ts';
import { createTrackFile } from '../../server/recording/capture/track-file.ts';
import { services } from '../support/services.ts';
import { decodeSound } from '../support/sound.ts';
import { ADA, speak, tone } from '../support/voices.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'loggia-flac-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

let files = 0;
/** Writes the samples in pieces of `step` and decodes the file with ffmpeg, which is not ours. */
const throughFfmpeg = async (pcm: Int16Array, step: number): Promise<Int16Array> => {
  const path = join(dir, `${files++}.flac`);
  const file = await createTrackFile(path, (error) => expect.unreachable(error.message));
  for (let at = 0; at < pcm.length; at += step) file.write(pcm.slice(at, at + step));
  expect(await file.close()).toBe(pcm.length);
  expect(await flacLengthSamples(path)).toBe(pcm.length);
  return decodeSound(path, services().ffmpegBin);
};

describe('a track file, decoded by ffmpeg', () => {
  it.each([
    ['speech', speak(ADA, 5)],
    ['a tone at full scale', tone(1000, 1, 0)],
    ['silence', new Int16Array(10_000)],
    ['one sample', new Int16Array([-5])],
    ['the widest steps there are', Int16Array.from({ length: 9_000 }, (_, i) => (i % 2 ? 32_767 : -32_768))],
  ])('is bit for bit what was written: %s', async (_name, pcm) => {
    expect(Buffer.from((await throughFfmpeg(pcm, 960)).buffer).equals(Buffer.from(pcm.buffer))).toBe(true);
  });

  it('is bit for bit what was written: any samples, in pieces of any length', async () => {
    const sample = fc.integer({ min: -32_768, max: 32_767 });
    const samples = fc.oneof(
      fc.int16Array({ minLength: 1, maxLength: 10_000, size: 'max' }),
      fc.tuple(sample, fc.nat(9_000)).map(([value, length]) => new Int16Array(length + 1).fill(value)),
    );
    await fc.assert(
      fc.asyncProperty(samples, fc.integer({ min: 1, max: 5_000 }), async (pcm, step) => {
        expect([...(await throughFfmpeg(pcm, step))]).toEqual([...pcm]);
      }),
      { numRuns: 25 },
    );
  });
});
