/** Rasterised covers: podcast apps refuse SVG and want a square JPEG of 1400–3000 px (Apple, PSP-1). */
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { replaceFile } from '../platform/durable.ts';
import { drawCover } from './cover-drawing.ts';

export const COVER_PIXELS = 1500;

/** Draws, rasterises and stores the cover of `title` as `<dir>/<sha256>.jpg` (once); returns the hash of its bytes. */
export const storeCover = async (dir: string, title: string): Promise<string> => {
  const jpeg = await sharp(Buffer.from(drawCover(title, COVER_PIXELS)))
    .flatten({ background: '#110e17' })
    .toColourspace('srgb')
    .jpeg({ quality: 88, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const sha256 = createHash('sha256').update(jpeg).digest('hex');
  const path = join(dir, `${sha256}.jpg`);
  if (await stat(path).catch(() => undefined)) return sha256;
  await mkdir(dir, { recursive: true });
  await replaceFile(path, jpeg);
  return sha256;
};
