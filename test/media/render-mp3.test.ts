import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runFfmpeg } from '../../server/recording/ffmpeg.ts';
import { encodeArgs } from '../../server/recording/render/encode.ts';
import { crc16, fitMp3 } from '../../server/recording/render/mp3-length.ts';
import { chirp, findIn } from '../support/chirp.ts';
import { writeFlac } from '../support/raw-tracks.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, decodeSound } from '../support/sound.ts';

const { ffmpegBin: bin } = services();
const RISE = chirp(2000, 6000);

/** An MP3 of `length` samples with a sound that begins at its very first sample and another that ends at its last. */
const encoded = async (length: number, title = 'A title'): Promise<Buffer & { file?: string }> => {
  const dir = await mkdtemp(join(tmpdir(), 'loggia-mp3-'));
  const pcm = new Int16Array(length);
  pcm.set(RISE, 0);
  pcm.set(RISE, length - RISE.length);
  await writeFlac(bin, join(dir, 'master.flac'), pcm);
  const [frames, output] = [join(dir, 'frames.mp3'), join(dir, 'episode.mp3')];
  await runFfmpeg(encodeArgs('mp3', { master: join(dir, 'master.flac'), tags: { title }, output: frames }), { bin });
  await fitMp3(frames, output, length);
  return Object.assign(await readFile(output), { file: output });
};

/** Lengths at both ends of what a last frame may hold, and some between. */
const LENGTHS = [48_000, 47 * 1152 + 623, 47 * 1152 + 624, 100_001, 123_457];

describe.each(LENGTHS)('an MP3 of %i samples', (length) => {
  it('decodes to the sample, with both ends in their place', async () => {
    const { file } = await encoded(length);
    const pcm = await decodeSound(file!, bin);
    expect(pcm.length).toBe(length);
    const last = length - RISE.length;
    expect([findIn(pcm, RISE, 0, 600), findIn(pcm, RISE, last, 600)]).toEqual([0, last]);
  });

  it('shows at most 35 ms too much to a player that counts frames, and says so in its Info frame', async () => {
    const bytes = await encoded(length);
    const info = bytes.indexOf('Info') - 21;
    const frames = (bytes.length - info) / 288 - 1;
    expect(bytes.readUInt32BE(info + 21 + 8)).toBe(frames);
    expect((frames * 1152 - length) / 48).toBeGreaterThanOrEqual(0);
    expect((frames * 1152 - length) / 48).toBeLessThanOrEqual(35);
    expect(bytes.readUInt16BE(info + 21 + 150)).toBe(crc16(bytes.subarray(info, info + 21 + 150)));
    expect(bytes.readUInt16BE(info + 21 + 148)).toBe(crc16(bytes.subarray(info + 288)));
  });
});

it('the same sound under another title is another file with the same frames', async () => {
  const [one, other] = [await encoded(SAMPLE_RATE, 'One'), await encoded(SAMPLE_RATE, 'Another')];
  const sound = (bytes: Buffer) => bytes.subarray(bytes.indexOf('Info') - 21);
  expect(other.equals(one)).toBe(false);
  expect(sound(other).equals(sound(one))).toBe(true);
});
