/** The part of the chapter that records: takes on their captures, their rows, manifests and replays, put together. */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { MediaPort } from '../media/port.ts';
import type { Clock } from '../platform/clock.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { RecordingLight } from '../stage/stage.schema.ts';
import type { AllowedSpeaker } from './capture/journal.schema.ts';
import { captures } from './captures.ts';
import type { CaptureListener } from './captures.ts';
import { manifestWriter } from './manifest.ts';
import type { MastersStore } from './masters.store.ts';
import { openRecordings } from './open-recordings.ts';
import { recordingService } from './recording.service.ts';
import type { RenderService } from './render.service.ts';
import { buildReplay } from './replay/build-replay.ts';
import { replaysService } from './replays.service.ts';
import { rowKeeper } from './row-keeper.ts';
import { startConditions } from './start-conditions.ts';
import { takeBook } from './take-book.ts';
import { takeRunner } from './take-runner.ts';
import type { TakesStore } from './takes.store.ts';
import type { RecordingTimeline } from './timeline.schema.ts';
import { timelines } from './timelines.ts';

export type TakesPartDeps = {
  config: Config;
  media: Pick<MediaPort, 'issueToken' | 'isHealthy'>;
  clock: Clock;
  log: FastifyBaseLogger;
  registry: LiveRegistry;
  takes: TakesStore;
  masters: Pick<MastersStore, 'readyWholeOf'>;
  render: Pick<RenderService, 'queueMaster' | 'ensureMaster'>;
  timelineOf: (recordingId: string) => Promise<RecordingTimeline>;
  allowedSpeakers: (liveSessionId: string) => AllowedSpeaker[];
  setLight: (liveSessionId: string, light: RecordingLight) => void;
  arm: (entry: LiveEntry) => Promise<void>;
  /** Hears what captures say, before anything follows from it. */
  heard: CaptureListener;
  /** Told when something about a recording has changed. */
  changed: (recordingId: string) => void;
};

export const takesPart = (deps: TakesPartDeps) => {
  const { config, log, takes, registry, timelineOf, allowedSpeakers, changed } = deps;
  const { recordingsDir, ffmpegBin } = config;
  const building = new AbortController();
  const open = openRecordings();
  const rows = rowKeeper(log);
  const known = timelines(recordingsDir);

  const replays = replaysService({
    recordingsDir,
    timelineOf: known.of,
    readyWhole: deps.masters.readyWholeOf,
    build: (recordingId, take) =>
      buildReplay(take, { dir: join(recordingsDir, recordingId), ffmpegBin, signal: building.signal }),
    onBuilt: changed,
    log,
  });
  const recordingOf = async (recordingId: string) => open.byId(recordingId) ?? (await takes.recording(recordingId));
  const writeManifest = manifestWriter({ recordingsDir, rows, recordingOf, roomOf: takes.roomOf, timelineOf, log });
  const onChanged = (recordingId: string): void => {
    writeManifest(recordingId);
    changed(recordingId);
  };
  const book = takeBook({ ...deps, open, rows, onMoved: onChanged });
  const listen: CaptureListener = (owner, event) => {
    deps.heard(owner, event);
    const handled = async (): Promise<void> => {
      if (event.event === 'takeStopped') await book.close(owner, event.stopped);
      if (event.event === 'gone') await runner.resume(owner);
      if (event.event === 'heartbeat') await runner.heartbeat(owner, event.status);
    };
    handled().catch((error: unknown) => log.error({ err: error, ...owner, event: event.event }, 'capture event'));
  };
  const processes = captures({ config, media: deps.media, log, listen });
  const runner = takeRunner({ takes, open, captures: processes, book, registry, allowedSpeakers, log });
  const recordings = recordingService({
    ...{ ...deps, open, rows, captures: processes, book, runner, onChanged },
    conditions: startConditions(deps),
    maxRecordingMs: config.maxRecordingHours * 3_600_000,
  });

  return {
    recordings,
    replays,
    captures: processes,
    open,
    timelines: known,
    onChanged,
    stop: async (): Promise<void> => {
      rows.stop();
      building.abort(new Error('the server is stopping'));
      await processes.detach();
    },
  };
};
