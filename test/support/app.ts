import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/services/ports.ts';
import type { AppDeps } from '../../server/app.ts';
import { buildApp } from '../../server/app.ts';
import type { Config, Environment } from '../../server/config.ts';
import { loadConfig } from '../../server/config.ts';
import { livekitMedia } from '../../server/media/livekit.ts';
import { systemClock } from '../../server/platform/clock.ts';
import type { Database } from '../../server/platform/db.ts';
import { openDatabase } from '../../server/platform/db.ts';
import type { App } from '../../server/platform/http.ts';
import { createLog } from '../../server/platform/log.ts';
import { createTestDatabase } from './database.ts';
import { services } from './services.ts';

/** `settings` are environment variables; `deps` replace parts of the composition, for instance the clock. */
export type TestAppOptions = { settings?: Environment; deps?: Partial<AppDeps> };

/** The whole server listening on a port of its own, on a database and folders of its own. */
export type TestApp = { app: App; baseUrl: string; config: Config; database: Database; stop: () => Promise<void> };

const secret = (): string => randomBytes(32).toString('hex');

/** Starts the server in this process on the run's Postgres and LiveKit. `stop` leaves nothing behind. */
export const startTestApp = async ({ settings, deps }: TestAppOptions = {}): Promise<TestApp> => {
  const { livekitUrl, livekitApiKey, livekitApiSecret, ffmpegBin } = services();
  const testDatabase = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'loggia-app-'));
  const port = await freePort();
  const config = loadConfig({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: testDatabase.url,
    LIVEKIT_URL: livekitUrl,
    LIVEKIT_API_KEY: livekitApiKey,
    LIVEKIT_API_SECRET: livekitApiSecret,
    FFMPEG_BIN: ffmpegBin,
    ADMISSION_SECRET: secret(),
    DATA_DIR: join(folder, 'data'),
    RECORDINGS_DIR: join(folder, 'recordings'),
    RUNTIME_DIR: join(folder, 'run'),
    LOG_LEVEL: 'error',
    ...settings,
  });
  const database = openDatabase(config.databaseUrl);
  const media = livekitMedia({
    url: config.livekitUrl,
    apiKey: config.livekitApiKey,
    apiSecret: config.livekitApiSecret,
  });
  const log = createLog({ level: config.logLevel });
  const app = await buildApp({ config, database, media, clock: systemClock, log, ...deps });
  const stop = async (): Promise<void> => {
    await app.close();
    await database.close();
    await testDatabase.drop();
    await rm(folder, { recursive: true, force: true });
  };
  await app.startChapters();
  await app.listen({ host: '127.0.0.1', port });
  return { app, baseUrl: config.publicUrl, config, database, stop };
};
