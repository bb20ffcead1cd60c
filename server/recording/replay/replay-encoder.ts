/** The one ffmpeg of a live replay and the file it writes, which are opened while blocks already come. */
import type { FileHandle } from 'node:fs/promises';
import type { FedFfmpeg } from '../ffmpeg-fed.ts';
import { feedFfmpeg } from '../ffmpeg-fed.ts';
import { liveReplayArgs, replayGainDb } from './encode-replay.ts';
import { framesOf } from './frames.ts';
import { fitReplay, openGrowingReplay, writeReplayNote } from './replay-file.ts';

/** 20 s of sound: an encoder further behind than that will not come back in time. */
const MOST_WAITING_BYTES = 4 * 1024 ** 2;
/** On a machine that has nothing left, waiting still is sooner than building anew. */
const FINISH_MS = 5_000;

export type ReplayEncoderOrder = {
  dir: string;
  takeId: string;
  ffmpegBin: string;
  firstFrame: number;
  /** Another process encoded what was before the first frame. */
  resumed: boolean;
  /** It died, cannot be started, or is too far behind. */
  onFailure: (error: Error) => void;
};

export type ReplayEncoder = {
  write: (block: Float32Array<ArrayBuffer>) => void;
  /** Completes the replay of a take of this length and says so on the disk; rejects when that fails. */
  finish: (lengthSamples: number) => Promise<void>;
  /** Ends the encoder at once and lets go of the file. */
  end: () => Promise<void>;
};

export const replayEncoder = (order: ReplayEncoderOrder): ReplayEncoder => {
  const { dir, takeId, ffmpegBin, firstFrame, resumed, onFailure } = order;
  let waiting: Uint8Array[] = [];
  let encoder: FedFfmpeg | undefined;
  let file: FileHandle | undefined;
  let over = false;

  const open = async (): Promise<void> => {
    file = await openGrowingReplay(dir, takeId, firstFrame, resumed);
    if (over) return;
    encoder = feedFfmpeg(ffmpegBin, liveReplayArgs(), file.fd, onFailure);
    waiting.forEach(encoder.write);
    waiting = [];
  };
  const opening = open().catch(onFailure);

  return {
    write: (block) => {
      if (over) return;
      const bytes = new Uint8Array(block.buffer);
      if (encoder) encoder.write(bytes);
      else waiting.push(bytes);
      const waitingBytes = encoder?.waitingBytes() ?? waiting.reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (waitingBytes > MOST_WAITING_BYTES) onFailure(new Error(`${waitingBytes} bytes wait for the encoder`));
    },
    finish: async (lengthSamples) => {
      await opening;
      if (!encoder || !file) throw new Error('the encoder is gone');
      const words = await encoder.finish(FINISH_MS);
      await fitReplay(file, framesOf(lengthSamples));
      await file.datasync();
      await writeReplayNote(dir, takeId, { gainDb: replayGainDb(words), lengthSamples });
    },
    end: async () => {
      over = true;
      waiting = [];
      encoder?.kill();
      await opening;
      await file?.close();
      file = undefined;
    },
  };
};
