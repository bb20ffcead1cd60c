/**
 * Recording: what a host's order captures of a live session, and what is made of it. The capture is a process of its
 * own that outlives the API; takes are rows that follow it; masters are rendered from its journal and track files.
 */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { MediaPort } from '../media/port.ts';
import type { App } from '../platform/http.ts';
import type { Chapter } from '../platform/chapter.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import type { Jobs } from '../platform/jobs.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { RecordingLight } from '../stage/stage.schema.ts';
import type { AllowedSpeaker } from './capture/journal.schema.ts';
import { readTimeline } from './capture/measure-tracks.ts';
import { countsStore } from './counts.store.ts';
import { clipRoutes } from './clips.routes.ts';
import { clipsService } from './clips.service.ts';
import { masterRoutes } from './masters.routes.ts';
import { mastersStore } from './masters.store.ts';
import { recordingMetrics } from './recording.metrics.ts';
import { recordingReader } from './recording.reader.ts';
import { recordingRoutes } from './recording.routes.ts';
import { recordingFollowers, recordingSocketRoutes } from './recording.socket.ts';
import { receiptsPart } from './receipts.ts';
import type { EpisodesOfMasters } from './remaking.ts';
import { removeReplay } from './replay/replay-file.ts';
import type { WithdrawConsent } from './withdrawal.service.ts';
import { replayRoutes } from './replay.routes.ts';
import { spaceFor } from './space.ts';
import { renderService } from './render.service.ts';
import { sweeping } from './sweeping.ts';
import { sweepStore } from './sweeping.store.ts';
import { isRunning } from './take.ts';
import { takesPart } from './takes.part.ts';
import { takesRoutes } from './takes.routes.ts';
import { takesStore } from './takes.store.ts';

export type RecordingChapterDeps = {
  config: Config;
  database: Database;
  media: Pick<MediaPort, 'issueToken' | 'isHealthy'>;
  jobs: Jobs;
  clock: Clock;
  log: FastifyBaseLogger;
  registry: LiveRegistry;
  allowedSpeakers: (liveSessionId: string) => AllowedSpeaker[];
  setLight: (liveSessionId: string, light: RecordingLight) => void;
  arm: (entry: LiveEntry) => Promise<void>;
  withdrawConsent: WithdrawConsent;
  episodes: EpisodesOfMasters;
};

export const recordingChapter = (deps: RecordingChapterDeps) => {
  const { config, log, registry, clock } = deps;
  const takes = takesStore(deps.database.prisma);
  const masters = mastersStore(deps.database.prisma);
  const timelineOf = (recordingId: string) => readTimeline(join(config.recordingsDir, recordingId));
  const titleOf = async (recordingId: string) => (await takes.roomOf(recordingId))?.title ?? '';
  const endedTakes = async (recordingId: string) => {
    const all = (await takes.recording(recordingId))?.takes ?? [];
    return new Set(all.filter((take) => !isRunning(take)).map(({ id }) => id));
  };
  const { ffmpegBin, recordingsDir, publicUrl } = config;

  const counts = countsStore(deps.database.prisma);
  const metrics = recordingMetrics({ recordingsDir, counts, statuses: () => captureProcesses.statuses() });
  const jobs = metrics.timing(deps.jobs);
  const files = { ffmpegBin, recordingsDir };
  const followers = recordingFollowers();
  const { changed } = followers;
  const broom = sweeping({ sweep: sweepStore(deps.database.prisma), recordingsDir, clock, log });
  const tidy = async (recordingId: string): Promise<void> => {
    await receipts.afterRender(recordingId);
    await broom.sweep(recordingId);
  };
  const sources = { timelineOf, endedTakes, titleOf };
  const render = renderService({ ...files, ...sources, masters, jobs, clock, log, tidy, changed });
  const part = takesPart({ ...deps, takes, masters, render, timelineOf, heard: metrics.heard, changed });
  const { recordings, replays, captures: captureProcesses, open } = part;
  const reader = recordingReader({
    ...{ takes, masters, render, replays, open, recordingsDir, publicUrl },
    timelines: part.timelines,
    spaceOf: spaceFor(recordingsDir, captureProcesses.statusOf),
  });
  const clips = clipsService({ ...files, masters, open, clock, log, changed });
  const journalChanged = (recordingId: string): void => {
    reader.journalChanged(recordingId);
    part.onChanged(recordingId);
  };
  const remakeReplays = async (recordingId: string, takeIds: ReadonlySet<string>): Promise<void> => {
    for (const takeId of takeIds) await removeReplay(join(recordingsDir, recordingId), takeId);
  };
  const receipts = receiptsPart({
    ...deps,
    captures: captureProcesses,
    render,
    timelineOf,
    journalChanged,
    remakeReplays,
  });

  return {
    recordings,
    reader,
    metrics,
    isService: captureProcesses.isService,
    publicRoutes: receipts.routes,
    hostRoutes: (app: App): void => {
      takesRoutes({ recordings, reader, registry })(app);
      recordingRoutes({ recordings, reader })(app);
      replayRoutes({ reader, replays })(app);
      masterRoutes({ reader, render })(app);
      clipRoutes({ clips, reader, registry })(app);
      recordingSocketRoutes({ config, reader, followers })(app);
    },
    start: async (): Promise<void> => {
      clips.warm();
      await broom.sweepAll();
      await deps.jobs.start();
      await recordings.know();
      await receipts.resume();
      await render.resume();
      // Not waited for: the doors of the house open meanwhile.
      recordings.settle().catch((error: unknown) => log.error({ err: error }, 'recordings could not be settled'));
    },
    stop: async (): Promise<void> => {
      await part.stop();
      await deps.jobs.stop();
    },
  } satisfies Chapter & Record<string, unknown>;
};
