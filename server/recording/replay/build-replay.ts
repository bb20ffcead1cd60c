/** The replay of a take that has none, from its tracks: after a crash, after a withdrawal, or when the encoder died. */
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { settle } from '../../platform/durable.ts';
import { randomId } from '../../platform/ids.ts';
import { runFfmpeg } from '../ffmpeg.ts';
import type { TimelineTake } from '../timeline.schema.ts';
import { builtReplayArgs, replayGainDb } from './encode-replay.ts';
import { framesOf } from './frames.ts';
import { fitReplay, replayPath, writeReplayNote } from './replay-file.ts';

const TIME_LIMIT_MS = 60 * 60_000;

export type BuildReplayOptions = { dir: string; ffmpegBin: string; signal?: AbortSignal };

/**
 * Makes the replay of an ended take out of those of its files that may be published, the same as the live one but for
 * what that had missed. Appears as a whole. Rejects with the signal's reason, or the Problem `ffmpeg-failed`.
 */
export const buildReplay = async (take: TimelineTake, options: BuildReplayOptions): Promise<void> => {
  const { dir, ffmpegBin, signal } = options;
  const path = replayPath(dir, take.takeId);
  const temporary = `${path}.${randomId()}.tmp`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const { stderrTail } = await runFfmpeg(builtReplayArgs(dir, take, temporary), {
      bin: ffmpegBin,
      level: 'info',
      timeLimitMs: TIME_LIMIT_MS,
      ...(signal && { signal }),
    });
    const file = await open(temporary, 'a', 0o600);
    await fitReplay(file, framesOf(take.lengthSamples)).finally(() => file.close());
    await settle(temporary, path);
    const gainDb = replayGainDb(stderrTail);
    await writeReplayNote(dir, take.takeId, { gainDb, lengthSamples: take.lengthSamples });
  } finally {
    await rm(temporary, { force: true });
  }
};
