/**
 * Recording: what a host's order captures of a live session, and what is made of it. The capture is a process of its
 * own that outlives the API; takes are rows that follow it; masters are rendered from its journal and track files.
 */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { MediaPort } from '../media/port.ts';
import type { Chapter } from '../platform/chapter.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import type { Jobs } from '../platform/jobs.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { RecordingLight } from '../stage/stage.schema.ts';
import type { AllowedSpeaker } from './capture/journal.schema.ts';
import { readTimeline } from './capture/measure-tracks.ts';
import { captures } from './captures.ts';
import type { CaptureListener } from './captures.ts';
import { countsStore } from './counts.store.ts';
import { mastersStore } from './masters.store.ts';
import { recordingMetrics } from './recording.metrics.ts';
import { recordingReader } from './recording.reader.ts';
import { recordingRoutes } from './recording.routes.ts';
import { recordingService } from './recording.service.ts';
import { renderService } from './render.service.ts';
import { isRunning } from './take.ts';
import { takeBook } from './take-book.ts';
import { takeRunner } from './take-runner.ts';
import { takesStore } from './takes.store.ts';

export type RecordingChapterDeps = {
  config: Config;
  database: Database;
  media: Pick<MediaPort, 'issueToken'>;
  jobs: Jobs;
  clock: Clock;
  log: FastifyBaseLogger;
  registry: LiveRegistry;
  allowedSpeakers: (liveSessionId: string) => AllowedSpeaker[];
  setLight: (liveSessionId: string, light: RecordingLight) => void;
  arm: (entry: LiveEntry) => Promise<void>;
};

export const recordingChapter = (deps: RecordingChapterDeps) => {
  const { config, log, registry, clock, setLight, allowedSpeakers } = deps;
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
  const render = renderService({ ...files, masters, jobs, clock, log, timelineOf, endedTakes, titleOf });
  const book = takeBook({ takes, render, setLight, timelineOf, log });
  const listen: CaptureListener = (owner, event) => {
    metrics.heard(owner, event);
    const handled = async (): Promise<void> => {
      if (event.event === 'takeStopped') await book.close(owner, event.stopped);
      if (event.event === 'gone') await runner.resume(owner);
    };
    handled().catch((error: unknown) => log.error({ err: error, ...owner, event: event.event }, 'capture event'));
  };
  const captureProcesses = captures({ config, media: deps.media, log, listen });
  const runner = takeRunner({ takes, captures: captureProcesses, book, registry, allowedSpeakers, log });
  const recordings = recordingService({ ...deps, takes, captures: captureProcesses, book, runner, render });
  const reader = recordingReader({ takes, masters, render, recordingsDir, publicUrl });

  return {
    recordings,
    reader,
    metrics,
    isService: captureProcesses.isService,
    hostRoutes: recordingRoutes({ recordings, reader, render, registry }),
    start: async (): Promise<void> => {
      await deps.jobs.start();
      await recordings.know();
      await render.resume();
      // Not waited for: the doors of the house open meanwhile.
      recordings.settle().catch((error: unknown) => log.error({ err: error }, 'recordings could not be settled'));
    },
    stop: async (): Promise<void> => {
      await captureProcesses.detach();
      await deps.jobs.stop();
    },
  } satisfies Chapter & Record<string, unknown>;
};
