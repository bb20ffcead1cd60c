/** Queues the master of a recording as the server does, for the server that runs or for the next one. */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { systemClock } from '../../server/platform/clock.ts';
import { jobSender } from '../../server/platform/job-sender.ts';
import { createLog } from '../../server/platform/log.ts';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import { mastersStore } from '../../server/recording/masters.store.ts';
import { renderService } from '../../server/recording/render.service.ts';
import type { Instance } from './instance.ts';

/** Answers whether one was needed: none of all takes is ready or under way. */
export const masterQueue =
  ({ config, database }: Instance) =>
  async (recordingId: string): Promise<boolean> => {
    const masters = mastersStore(database.prisma);
    const timelineOf = (id: string) => readTimeline(join(config.recordingsDir, id));
    const render = renderService({
      ...{ masters, timelineOf, clock: systemClock },
      ...{ ffmpegBin: config.ffmpegBin, recordingsDir: config.recordingsDir },
      jobs: { ...jobSender(config.databaseUrl), start: async () => {}, stop: async () => {} },
      log: createLog({ level: 'silent' }) as FastifyBaseLogger,
      endedTakes: async (id) => new Set((await timelineOf(id)).takes.map(({ takeId }) => takeId)),
      titleOf: async () => '',
      changed: () => {},
      tidy: async () => {},
    });
    const before = await masters.newestOf(recordingId);
    if (before?.state === 'failed') await render.queueMaster(recordingId);
    else await render.ensureMaster(recordingId);
    return (await masters.newestOf(recordingId))?.id !== before?.id;
  };
