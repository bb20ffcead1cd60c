/** Reading a captured track through: what its header promises against what comes out of it. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { inputFile, runFfmpeg } from '../../server/recording/ffmpeg.ts';

/** `totalSamples` 0 and an empty `md5`: the file was never closed. */
export type FlacHeader = { totalSamples: number; md5: string };

const HEADER_BYTES = 42;
const MD5_AT = 26;

/** The STREAMINFO block (RFC 9639, section 8.2), which is the first of every FLAC file; undefined for another file. */
export const readFlacHeader = async (path: string): Promise<FlacHeader | undefined> => {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.read(head, 0, HEADER_BYTES, 0);
    if (bytesRead < HEADER_BYTES || head.toString('latin1', 0, 4) !== 'fLaC') return undefined;
    const totalSamples = (head[21]! & 0x0f) * 2 ** 32 + head.readUInt32BE(22);
    const md5 = head.subarray(MD5_AT);
    return { totalSamples, md5: md5.every((byte) => byte === 0) ? '' : md5.toString('hex') };
  } finally {
    await file.close();
  }
};

/** Decodes the whole file. `complaint` holds ffmpeg's own words about damage inside. */
export const decodeFlac = async (bin: string, path: string) => {
  const md5 = createHash('md5');
  let bytes = 0;
  const onData = (chunk: Buffer): void => {
    md5.update(chunk);
    bytes += chunk.length;
  };
  const args = [...inputFile('flac', path), '-map', '0:a:0', '-c:a', 'pcm_s16le', '-f', 's16le', 'pipe:1'];
  const complaint = await runFfmpeg(args, { bin, onData, timeLimitMs: 3_600_000 }).then(
    ({ stderrTail }) => stderrTail.trim(),
    (error: Error) => error.message,
  );
  return { samples: bytes / 2, md5: md5.digest('hex'), complaint };
};
