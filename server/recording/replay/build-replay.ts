/** The replay of a take that has none, from its tracks: after a crash, after a withdrawal, or when the encoder died. */
import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { settle } from '../../platform/durable.ts';
import { randomId } from '../../platform/ids.ts';
import { readTimeline } from '../capture/measure-tracks.ts';
import { mendFlacHeader } from '../capture/flac-mend.ts';
import { runFfmpeg } from '../ffmpeg.ts';
import type { TimelineTake } from '../timeline.schema.ts';
import { builtReplayArgs, replayGainDb } from './encode-replay.ts';
import { framesOf } from './frames.ts';
import { fitReplay, replayPath, writeReplayNote } from './replay-file.ts';

const TIME_LIMIT_MS = 60 * 60_000;

export type BuildReplayOptions = { dir: string; ffmpegBin: string; signal?: AbortSignal };

const publishedFiles = (take: TimelineTake): string =>
  take.tracks.flatMap(({ file, published }) => (published ? [file] : [])).join();

/** Mixes and encodes into a file aside, which then takes its place; answers the gain. */
const mixFiles = async (take: TimelineTake, { dir, ffmpegBin, signal }: BuildReplayOptions): Promise<number | null> => {
  const path = replayPath(dir, take.takeId);
  const temporary = `${path}.${randomId()}.tmp`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  for (const { file } of take.tracks) await mendFlacHeader(join(dir, file));
  try {
    const { stderrTail } = await runFfmpeg(builtReplayArgs(dir, take, temporary), {
      bin: ffmpegBin,
      level: 'info',
      timeLimitMs: TIME_LIMIT_MS,
      ...(signal && { signal }),
    });
    // Not to be made anew when it was taken away
    const file = await open(temporary, constants.O_WRONLY | constants.O_APPEND);
    try {
      await fitReplay(file, framesOf(take.lengthSamples));
    } finally {
      await file.close();
    }
    await settle(temporary, path);
    return replayGainDb(stderrTail);
  } finally {
    await rm(temporary, { force: true });
  }
};

/**
 * Makes the replay of an ended take out of those of its files that may be published, the same as the live one but for
 * what that had missed. It is complete, and to be heard, only when nobody took their voice back meanwhile; otherwise it
 * is made once more. Rejects with the signal's reason, or the Problem `ffmpeg-failed`.
 */
export const buildReplay = async (take: TimelineTake, options: BuildReplayOptions): Promise<void> => {
  const { takeId, lengthSamples } = take;
  // Whoever takes their voice back takes its files, and this attempt, away under the mix
  const mixed = await mixFiles(take, options).then(
    (gainDb) => ({ gainDb }),
    (error: unknown) => ({ error }),
  );
  const now = (await readTimeline(options.dir)).takes.find((candidate) => candidate.takeId === takeId);
  if (now && publishedFiles(now) !== publishedFiles(take)) return buildReplay(now, options);
  if ('error' in mixed) throw mixed.error;
  await writeReplayNote(options.dir, takeId, { ...mixed, lengthSamples });
};
