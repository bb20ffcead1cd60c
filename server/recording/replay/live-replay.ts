/**
 * The replay of a take while it is recorded: what goes into the files of voices that may be published is summed a little
 * behind the clock and encoded by one ffmpeg, whose output is complete as soon as the take is. It never holds the
 * capture up: an encoder that dies or falls behind is given up with its file, and the replay is built from the tracks.
 */
import { HOLD_SAMPLES } from '../capture/bleed-gate.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { CHAIN_DELAY_SAMPLES, encodedTo } from './encode-replay.ts';
import { FRAME_SAMPLES } from './frames.ts';
import { mixer } from './mixer.ts';
import { replayEncoder } from './replay-encoder.ts';
import { removeReplay } from './replay-file.ts';

/** Longer than a sound is on its way to its file: the beat, and the making of the file. */
const BEHIND_SAMPLES = 0.8 * SAMPLE_RATE;
/** And while the bleed gate holds every track back. */
const BEHIND_GATE_SAMPLES = HOLD_SAMPLES + 0.25 * SAMPLE_RATE;
/** What goes to the encoder at once: its waking up costs more than its work. */
const BLOCK_SAMPLES = 0.2 * SAMPLE_RATE;
/** So much of all voices may come too late for the mix before it is no fair replay any more. */
const MOST_LATE_SAMPLES = SAMPLE_RATE;

export type LiveReplayDeps = {
  dir: string;
  takeId: string;
  ffmpegBin: string;
  warn: (message: string, error: Error) => void;
};

export type LiveReplay = {
  /** What a voice that may be published said, as it goes into its file. */
  add: (fromSample: number, samples: Int16Array) => void;
  /** The take's clock stands here; `holding` says that tracks are held back behind the bleed gate. */
  advance: (nowSample: number, holding: boolean) => void;
  /** Mixes the rest; resolves, always, when the replay of this length is complete or has been given up. */
  finish: (lengthSamples: number) => Promise<void>;
  /** Gives it up, and its file with it. */
  discard: () => Promise<void>;
  /** Lets go of the file: the take goes on in another process. */
  abandon: () => Promise<void>;
};

/** Begins at `startSample` of the take; `resumed` when another process encoded what was before. */
export const liveReplay = (deps: LiveReplayDeps, startSample: number, resumed: boolean): LiveReplay => {
  const { dir, takeId, warn } = deps;
  const firstFrame = Math.floor(startSample / FRAME_SAMPLES);
  const mix = mixer(firstFrame * FRAME_SAMPLES + CHAIN_DELAY_SAMPLES);
  let over = false;
  let removed: Promise<void> = Promise.resolve();
  let lateSamples = 0;

  const abandon = async (): Promise<void> => {
    over = true;
    await encoder.end();
  };
  const discard = async (): Promise<void> => {
    await abandon();
    await removeReplay(dir, takeId);
  };
  const fail = (reason: Error): void => {
    if (over) return;
    warn('the replay is to be built from the tracks', reason);
    removed = discard().catch((error: Error) => warn('the replay could not be removed', error));
  };
  const encoder = replayEncoder({ ...deps, firstFrame, resumed, onFailure: fail });

  const mixTo = (sample: number): void => {
    if (over) return;
    while (mix.mixedTo() < sample) encoder.write(mix.take(Math.min(sample, mix.mixedTo() + BLOCK_SAMPLES)));
  };

  return {
    add: (fromSample, samples) => {
      if (over) return;
      mixTo(fromSample + samples.length - mix.windowSamples);
      lateSamples += mix.add(fromSample, samples);
      if (lateSamples > MOST_LATE_SAMPLES) fail(new Error(`${lateSamples} samples came too late for the mix`));
    },
    advance: (nowSample, holding) => {
      const to = nowSample - (holding ? BEHIND_GATE_SAMPLES : BEHIND_SAMPLES);
      if (to - mix.mixedTo() >= BLOCK_SAMPLES) mixTo(to);
    },
    finish: async (lengthSamples) => {
      mixTo(encodedTo(lengthSamples));
      try {
        if (!over) await encoder.finish(lengthSamples);
        await abandon();
      } catch (error) {
        fail(error as Error);
      }
      await removed;
    },
    discard,
    abandon,
  };
};
