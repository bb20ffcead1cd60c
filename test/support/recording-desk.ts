/** The rows of recordings on a real database, with captures in memory and renders that are only queued. */
import type { FastifyBaseLogger } from 'fastify';
import { systemClock } from '../../server/platform/clock.ts';
import { randomId } from '../../server/platform/ids.ts';
import { createLog } from '../../server/platform/log.ts';
import type { CaptureListener } from '../../server/recording/captures.ts';
import { mastersStore } from '../../server/recording/masters.store.ts';
import { recordingService } from '../../server/recording/recording.service.ts';
import { renderService } from '../../server/recording/render.service.ts';
import { openRecordings } from '../../server/recording/open-recordings.ts';
import { rowKeeper } from '../../server/recording/row-keeper.ts';
import type { RecordingLight } from '../../server/stage/stage.schema.ts';
import { takeBook } from '../../server/recording/take-book.ts';
import { takeRunner } from '../../server/recording/take-runner.ts';
import { isRunning } from '../../server/recording/take.ts';
import { takesStore } from '../../server/recording/takes.store.ts';
import type { LiveEntry } from '../../server/room/live-registry.ts';
import { liveRegistry } from '../../server/room/live-registry.ts';
import type { TestApp } from './app.ts';
import { fakeCaptures } from './fake-captures.ts';
import type { TestHost } from './hosts.ts';
import { makeRoom } from './hosts.ts';

/** All are waited for: the arming of a room, the sending of a job, a capture's answer to a stop after its event. */
export type DeskOptions = {
  arm?: () => Promise<void>;
  send?: () => Promise<void>;
  beforeAnswer?: () => Promise<void>;
  conditions?: () => Promise<void>;
  startSignalMs?: number;
  maxRecordingMs?: number;
};

export const recordingDesk = ({ database }: TestApp, options: DeskOptions = {}) => {
  const { arm, send, beforeAnswer, conditions, startSignalMs = 500, maxRecordingMs = 3_600_000 } = options;
  const log = createLog({ level: 'silent' }) as FastifyBaseLogger;
  const takes = takesStore(database.prisma);
  const masters = mastersStore(database.prisma);
  const registry = liveRegistry();
  const jobs: string[] = [];
  let closing: Promise<void> = Promise.resolve();
  const listen: CaptureListener = (owner, event) => {
    if (event.event === 'takeStopped') closing = book.close(owner, event.stopped).catch(() => {});
  };
  const { captures, alive, faults, end, timelineOf } = fakeCaptures(listen, beforeAnswer);
  const queue = () => ({
    send: async (data: object) => {
      await send?.();
      jobs.push((data as { masterId: string }).masterId);
    },
  });
  const render = renderService({
    ...{ masters, timelineOf, log, clock: systemClock, ffmpegBin: '', recordingsDir: '' },
    jobs: { queue, start: async () => {}, stop: async () => {} },
    endedTakes: async (id) =>
      new Set((await takes.recording(id))!.takes.filter((take) => !isRunning(take)).map((take) => take.id)),
    titleOf: async () => '',
  });
  const lights: RecordingLight[] = [];
  const setLight = (_liveSessionId: string, light: RecordingLight): void => void lights.push(light);
  const open = openRecordings();
  const rows = rowKeeper(log);
  const book = takeBook({ takes, open, rows, render, setLight, timelineOf, log });
  const runner = takeRunner({ takes, open, captures, book, registry, allowedSpeakers: () => [], log, startSignalMs });
  const recordings = recordingService({
    ...{ takes, open, rows, captures, book, runner, registry, render, setLight, log, clock: systemClock },
    allowedSpeakers: () => [],
    arm: async () => arm?.(),
    conditions: async () => conditions?.(),
    onChanged: () => {},
    maxRecordingMs,
  });
  /** The running take ends by itself; resolves when its rows say so. */
  const endTake = async (recordingId: string, reason: string): Promise<void> => {
    const { liveSessionId } = (await takes.recording(recordingId))!;
    end({ recordingId, liveSessionId }, reason);
    await closing;
  };
  return { end: endTake, recordings, runner, render, takes, masters, registry, alive, faults, jobs, lights, rows };
};

/** A live room, as the chapters on the left tell of it; its recording is to be armed at the first start. */
export const liveEntry = async (app: TestApp, host: TestHost): Promise<LiveEntry> => {
  const { slug, liveSessionId } = await makeRoom(app, host, { title: `Evening ${randomId().slice(0, 6)}` });
  const { roomId, startedAt, room } = await app.database.prisma.liveSession.findUniqueOrThrow({
    where: { id: liveSessionId },
    include: { room: true },
  });
  const policy = { anonymousListening: true, recordingArmed: false, listed: true, publishNumber: true };
  const { title, topic, hostId } = room;
  return { liveSessionId, roomId, slug, title, topic, hostId, hostName: '', policy, startedAt: startedAt! };
};
