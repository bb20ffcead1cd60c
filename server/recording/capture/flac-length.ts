/** How many samples a FLAC file of ours holds, read from its last whole frame, whether it was closed or cut off. */
import { open } from 'node:fs/promises';
import { crc16, crc8 } from './flac-crc.ts';
import { BLOCK_SAMPLES } from './flac.ts';

/** More than two of the longest frames. */
const TAIL_BYTES = 32 * 1024;

const MAX_HEADER_BYTES = 16;

type Frame = { at: number; headerEnd: number; endSample: number };

const readFrameNumber = (bytes: Uint8Array, at: number): { number: number; next: number } | undefined => {
  const first = bytes[at]!;
  if (first < 0x80) return { number: first, next: at + 1 };
  const length = Math.clz32(~(first << 24));
  if (length < 2 || length > 6 || at + length > bytes.length) return undefined;
  let number = first & (0x7f >> length);
  for (let i = 1; i < length; i++) number = number * 64 + (bytes[at + i]! & 0x3f);
  return { number, next: at + length };
};

const frameAt = (bytes: Uint8Array, at: number): Frame | undefined => {
  const full = bytes[at + 2] === 0xca;
  if (bytes[at] !== 0xff || bytes[at + 1] !== 0xf8 || bytes[at + 3] !== 0x08) return undefined;
  if (!full && bytes[at + 2] !== 0x7a) return undefined;
  const coded = readFrameNumber(bytes, at + 4);
  if (!coded) return undefined;
  const crcAt = full ? coded.next : coded.next + 2;
  if (crcAt >= bytes.length || crc8(bytes, at, crcAt) !== bytes[crcAt]) return undefined;
  const samples = full ? BLOCK_SAMPLES : (bytes[coded.next]! << 8) + bytes[coded.next + 1]! + 1;
  return { at, headerEnd: crcAt + 1, endSample: coded.number * BLOCK_SAMPLES + samples };
};

/** Whether the frame is whole before `end`; the beginning of a header may be left of the next one. */
const isWhole = (bytes: Uint8Array, frame: Frame, end: number): boolean => {
  for (let at = end; at > end - MAX_HEADER_BYTES && at - 2 > frame.headerEnd; at--) {
    if (crc16(bytes, frame.at, at - 2) === (bytes[at - 2]! << 8) + bytes[at - 1]!) return true;
  }
  return false;
};

/** Samples up to the end of the last frame in `bytes` whose checksums hold; 0 when there is none. */
export const lastSampleIn = (bytes: Uint8Array): number => {
  const frames: Frame[] = [];
  for (let at = 0; at + 6 < bytes.length; at++) {
    const frame = frameAt(bytes, at);
    if (frame) frames.push(frame);
  }
  let end = bytes.length;
  for (const frame of frames.toReversed()) {
    if (isWhole(bytes, frame, end)) return frame.endSample;
    end = frame.at;
  }
  return 0;
};

/** Length in samples of one of our FLAC files; 0 when it is missing or holds no whole frame. */
export const flacLengthSamples = async (path: string): Promise<number> => {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return 0;
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    return lastSampleIn(tail);
  } finally {
    await file.close();
  }
};
