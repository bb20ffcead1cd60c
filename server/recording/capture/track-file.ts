/** One growing FLAC file: samples go in, whole blocks go to the disk. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { flushName } from '../../platform/durable.ts';
import { BLOCK_SAMPLES, flacEncoder, flacHeader } from './flac.ts';

export type TrackFile = {
  /** Samples taken so far, the unfinished block included. */
  lengthSamples: () => number;
  /** Bytes of the file that the kernel has. */
  writtenBytes: () => number;
  /** Encoded bytes that are not yet handed to the kernel. */
  lagBytes: () => number;
  write: (samples: Int16Array) => void;
  writeZeros: (count: number) => void;
  /** Puts what the kernel has onto the disk. */
  sync: () => Promise<void>;
  /** Writes the last block, the length and the checksum of the samples; answers the length in samples. */
  close: () => Promise<number>;
};

/** The file with its header, which no name is left of when the disk takes neither. */
const createFile = async (path: string): Promise<FileHandle> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.appendFile(flacHeader());
    await flushName(path);
    return file;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(path, { force: true }).catch(() => {});
    throw error;
  }
};

/**
 * Creates the file; `onFailure` hears of writes that fail (disk full, I/O error). Nothing is written after the first of
 * them, and what is left of a half written frame is cut off at the close: what was captured before plays.
 */
export const createTrackFile = async (path: string, onFailure: (error: Error) => void): Promise<TrackFile> => {
  const file = await createFile(path);
  const encoder = flacEncoder();
  const md5 = createHash('md5');
  const block = new Int16Array(BLOCK_SAMPLES);
  let held = 0;
  let lengthSamples = 0;
  let lagBytes = 0;
  let writtenBytes = flacHeader().length;
  let writes: Promise<unknown> = Promise.resolve();

  const writeBlock = (): void => {
    const samples = block.subarray(0, held);
    md5.update(new Uint8Array(samples.buffer, 0, samples.byteLength));
    const frame = encoder.encode(samples);
    held = 0;
    lagBytes += frame.length;
    writes = writes
      .then(() => file.appendFile(frame))
      .then(() => {
        lagBytes -= frame.length;
        writtenBytes += frame.length;
      });
    writes.catch(onFailure);
  };
  const write = (samples: Int16Array): void => {
    lengthSamples += samples.length;
    for (let at = 0; at < samples.length;) {
      const part = samples.subarray(at, at + BLOCK_SAMPLES - held);
      block.set(part, held);
      held += part.length;
      at += part.length;
      if (held === BLOCK_SAMPLES) writeBlock();
    }
  };

  const finish = async (): Promise<void> => {
    if (held > 0) writeBlock();
    await writes.catch(async (error: unknown) => {
      await file.truncate(writtenBytes).catch(() => {});
      throw error;
    });
    await file.write(flacHeader(lengthSamples, md5.digest()), 0, undefined, 0);
    await file.datasync();
  };

  return {
    lengthSamples: () => lengthSamples,
    writtenBytes: () => writtenBytes,
    lagBytes: () => lagBytes,
    write,
    writeZeros: (count) => {
      const zeros = new Int16Array(BLOCK_SAMPLES);
      for (let left = count; left > 0; left -= BLOCK_SAMPLES) write(zeros.subarray(0, Math.min(left, BLOCK_SAMPLES)));
    },
    sync: () => file.datasync(),
    close: async () => {
      try {
        await finish();
      } finally {
        await file.close();
      }
      return lengthSamples;
    },
  };
};
