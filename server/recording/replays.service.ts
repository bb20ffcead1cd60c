/**
 * What can be heard of a recording the moment a take stops: the replays of its ended takes one after another, made while
 * they were recorded, until the newest master of the same takes takes their place. A replay that is missing, after a
 * crash or a withdrawal, is built once in the background, one at a time.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { isDatabaseAway } from '../platform/database-away.ts';
import type { Master } from './master.ts';
import type { ReplayView } from './recording.schema.ts';
import { jointGainDb } from './replay/encode-replay.ts';
import { FRAME_BYTES, frameToMs } from './replay/frames.ts';
import { readReplay } from './replay/replay-file.ts';
import type { Replay } from './replay/replay-file.ts';
import { isRunning } from './take.ts';
import type { Recording } from './takes.store.ts';
import type { RecordingTimeline, TimelineTake } from './timeline.schema.ts';

/** What the address of the replay serves: files laid end to end; `etag` says the same only of the same bytes. */
export type HeardNow = Omit<ReplayView, 'url'> & { files: { paths: string[]; etag: string } | undefined };

type Deps = {
  recordingsDir: string;
  timelineOf: (recording: Recording) => Promise<RecordingTimeline>;
  /** The newest finished master of all takes. */
  readyWhole: (recordingId: string) => Promise<Master | undefined>;
  /** Makes the replay of one ended take from its track files. */
  build: (recordingId: string, take: TimelineTake) => Promise<void>;
  /** Told when a replay that was missing is there. */
  onBuilt?: (recordingId: string) => void;
  log: FastifyBaseLogger;
};

/** A build that failed is tried again when somebody looks after this. */
const REST_AFTER_FAILURE_MS = 15_000;

const NONE: HeardNow = { state: 'none', durationMs: 0, gainDb: 0, takes: [], files: undefined };

const endToEnd = (pieces: { takeId: string; durationMs: number }[]) => {
  let durationMs = 0;
  const takes = pieces.map((piece) => {
    const fromMs = Math.round(durationMs);
    durationMs += piece.durationMs;
    return { takeId: piece.takeId, fromMs };
  });
  return { takes, durationMs: Math.round(durationMs) };
};

const etagOf = async (paths: readonly string[]): Promise<string> => {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { size, mtimeMs, ino } = await stat(path);
    hash.update(`${path} ${size} ${mtimeMs} ${ino}\n`);
  }
  return hash.digest('base64url').slice(0, 32);
};

export const replaysService = ({ recordingsDir, timelineOf, readyWhole, build, onBuilt, log }: Deps) => {
  const waiting = new Map<string, () => Promise<void>>();
  const failedAt = new Map<string, number>();
  let working: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    for (let next = waiting.entries().next().value; next; next = waiting.entries().next().value) {
      const [takeId, make] = next;
      await make().catch((error: unknown) => {
        failedAt.set(takeId, performance.now());
        log.error({ err: error, takeId }, 'replay could not be built');
      });
      waiting.delete(takeId);
    }
    working = undefined;
  };

  const order = (recordingId: string, take: TimelineTake): void => {
    const { takeId } = take;
    const failed = failedAt.get(takeId);
    const isResting = failed !== undefined && performance.now() - failed < REST_AFTER_FAILURE_MS;
    if (waiting.has(takeId) || isResting) return;
    failedAt.delete(takeId);
    waiting.set(takeId, async () => {
      await build(recordingId, take);
      log.info({ recordingId, takeId }, 'replay built');
      onBuilt?.(recordingId);
    });
    working ??= work();
  };

  const ofMaster = (master: Master, dir: string): HeardNow => {
    const mp3 = master.renditions.find(({ kind }) => kind === 'mp3');
    if (!mp3) return NONE;
    const pieces = master.cut.map(({ takeId, fromMs, toMs }) => ({ takeId, durationMs: toMs - fromMs }));
    const files = { paths: [join(dir, mp3.file)], etag: mp3.sha256 };
    return { ...endToEnd(pieces), durationMs: mp3.durationMs, state: 'master', gainDb: 0, files };
  };

  const ofReplays = async (found: readonly (readonly [string, Replay])[]): Promise<HeardNow> => {
    const pieces = found.map(([takeId, { sizeBytes }]) => ({ takeId, durationMs: frameToMs(sizeBytes / FRAME_BYTES) }));
    const replays = found.map(([, replay]) => replay);
    const paths = replays.map(({ path }) => path);
    return {
      ...endToEnd(pieces),
      state: 'ready',
      gainDb: jointGainDb(replays),
      files: { paths, etag: await etagOf(paths) },
    };
  };

  /** While the database is away, the replays alone are what can be heard. */
  const masterOf = (recordingId: string): Promise<Master | undefined> =>
    readyWhole(recordingId).catch((error: unknown) => {
      if (!isDatabaseAway(error)) throw error;
      return undefined;
    });

  /** What can be heard of the recording now, by this reading of its journal or a new one; orders what is missing. */
  const heardNow = async (recording: Recording, read?: RecordingTimeline): Promise<HeardNow> => {
    const { takes } = read ?? (await timelineOf(recording));
    const over = new Set(recording.takes.filter((take) => !isRunning(take)).map(({ id }) => id));
    const ended = takes.filter((take) => over.has(take.takeId) && take.lengthSamples > 0);
    if (ended.length === 0) return NONE;
    const dir = join(recordingsDir, recording.id);
    const master = await masterOf(recording.id);
    const covered = new Set(master?.cut.map(({ takeId }) => takeId));
    if (master && ended.every(({ takeId }) => covered.has(takeId))) return ofMaster(master, dir);
    const found: [string, Replay][] = [];
    for (const take of ended) {
      const replay = await readReplay(dir, take.takeId);
      if (replay) found.push([take.takeId, replay]);
      else order(recording.id, take);
    }
    if (found.length === ended.length) return ofReplays(found);
    const known = endToEnd(ended.map(({ takeId, lengthSamples }) => ({ takeId, durationMs: lengthSamples / 48 })));
    return { ...known, state: 'building', gainDb: 0, files: undefined };
  };

  return {
    heardNow,
    /** Resolves when nothing is being built. */
    idle: async (): Promise<void> => working,
  };
};

export type ReplaysService = ReturnType<typeof replaysService>;
