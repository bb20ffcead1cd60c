/**
 * The replay of a take while it is recorded: what goes into the files of voices that may be published is summed a little
 * behind the clock and encoded by one ffmpeg, whose output is complete as soon as the take is. It never holds the
 * capture up: an encoder that dies or falls behind is given up with its file, and the replay is built from the tracks.
 */
import type { FileHandle } from 'node:fs/promises';
import { HOLD_SAMPLES } from '../capture/bleed-gate.ts';
import type { FedFfmpeg } from '../ffmpeg-fed.ts';
import { feedFfmpeg } from '../ffmpeg-fed.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { CHAIN_DELAY_SAMPLES, encodedTo, liveReplayArgs, replayGainDb } from './encode-replay.ts';
import { FRAME_SAMPLES, framesOf } from './frames.ts';
import { mixer } from './mixer.ts';
import { fitReplay, openGrowingReplay, removeReplay, writeReplayNote } from './replay-file.ts';

/** Longer than anything holds a sound back on its way to the file: the bleed gate, and the beat. */
const BEHIND_SAMPLES = HOLD_SAMPLES + 0.25 * SAMPLE_RATE;
/** What goes to the encoder at once: its waking up costs more than its work. */
const BLOCK_SAMPLES = 0.2 * SAMPLE_RATE;
/** 20 s of sound: an encoder further behind than that will not come back in time. */
const MOST_WAITING_BYTES = 4 * 1024 ** 2;
/** So much of all voices may come too late for the mix before it is no fair replay any more. */
const MOST_LATE_SAMPLES = SAMPLE_RATE;
const FINISH_MS = 1_500;

export type LiveReplayDeps = {
  dir: string;
  takeId: string;
  ffmpegBin: string;
  warn: (message: string, error: Error) => void;
};

export type LiveReplay = {
  /** What a voice that may be published said, as it goes into its file. */
  add: (fromSample: number, samples: Int16Array) => void;
  /** The take's clock stands here. */
  advance: (nowSample: number) => void;
  /** Mixes the rest; resolves, always, when the replay of this length is complete or has been given up. */
  finish: (lengthSamples: number) => Promise<void>;
  /** Gives it up, and its file with it. */
  discard: () => Promise<void>;
  /** Lets go of the file: the take goes on in another process. */
  abandon: () => Promise<void>;
};

/** Begins at `startSample` of the take; `resumed` when another process encoded what was before. */
export const liveReplay = (deps: LiveReplayDeps, startSample: number, resumed: boolean): LiveReplay => {
  const { dir, takeId, ffmpegBin, warn } = deps;
  const firstFrame = Math.floor(startSample / FRAME_SAMPLES);
  const mix = mixer(firstFrame * FRAME_SAMPLES + CHAIN_DELAY_SAMPLES);
  let waiting: Uint8Array[] = [];
  let encoder: FedFfmpeg | undefined;
  let file: FileHandle | undefined;
  let over = false;
  let lateSamples = 0;

  const letGo = async (): Promise<void> => {
    over = true;
    waiting = [];
    encoder?.kill();
    await opening.catch(() => {});
    await file?.close();
    file = undefined;
  };
  const discard = async (): Promise<void> => {
    await letGo();
    await removeReplay(dir, takeId);
  };
  const fail = async (error: Error): Promise<void> => {
    if (over) return;
    warn('the replay is to be built from the tracks', error);
    await discard().catch((second: Error) => warn('the replay could not be removed', second));
  };
  const open = async (): Promise<void> => {
    file = await openGrowingReplay(dir, takeId, firstFrame, resumed);
    if (over) return;
    encoder = feedFfmpeg(ffmpegBin, liveReplayArgs(), file.fd, fail);
    waiting.forEach(encoder.write);
    waiting = [];
  };
  const opening = open();
  opening.catch(fail);

  const send = (block: Float32Array<ArrayBuffer>): void => {
    const bytes = new Uint8Array(block.buffer);
    if (encoder) encoder.write(bytes);
    else waiting.push(bytes);
    const waitingBytes = encoder?.waitingBytes() ?? waiting.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (waitingBytes > MOST_WAITING_BYTES) void fail(new Error(`${waitingBytes} bytes wait for the encoder`));
  };
  const mixTo = (sample: number): void => {
    while (!over && mix.mixedTo() < sample) send(mix.take(Math.min(sample, mix.mixedTo() + BLOCK_SAMPLES)));
  };

  return {
    add: (fromSample, samples) => {
      if (over) return;
      mixTo(fromSample + samples.length - mix.windowSamples);
      lateSamples += mix.add(fromSample, samples);
      if (lateSamples > MOST_LATE_SAMPLES) void fail(new Error(`${lateSamples} samples came too late for the mix`));
    },
    advance: (nowSample) => {
      const to = nowSample - BEHIND_SAMPLES;
      if (to - mix.mixedTo() >= BLOCK_SAMPLES) mixTo(to);
    },
    finish: async (lengthSamples) => {
      await opening.catch(fail);
      mixTo(encodedTo(lengthSamples));
      try {
        const words = await encoder?.finish(FINISH_MS);
        if (over || !file || words === undefined) return;
        await fitReplay(file, framesOf(lengthSamples));
        await file.datasync();
        await writeReplayNote(dir, takeId, { gainDb: replayGainDb(words), lengthSamples });
        await letGo();
      } catch (error) {
        await fail(error as Error);
      }
    },
    discard,
    abandon: letGo,
  };
};
