/** The real services that all tests of one run share, on free ports and in a folder that goes away with them. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openSql } from '../../server/platform/sql.ts';
import { applyMigrations } from '../../server/platform/migrate.ts';
import type { Services } from '../../test/support/services.ts';
import { templateDatabase } from '../../test/support/services.ts';
import { startLivekit } from '../services/livekit.ts';
import { freePort, freeUdpPort } from '../services/ports.ts';
import { startPostgres } from '../services/postgres.ts';
import { resolveChromium } from '../toolchain/chromium.ts';
import { resolveFfmpeg } from '../toolchain/ffmpeg.ts';
import { resolveLivekit } from '../toolchain/livekit.ts';
import type { Say } from '../toolchain/part.ts';
import { endAbandonedRuns, makeRunFolder } from './run-folder.ts';

/** Running services; `stop` ends them and deletes what they wrote. */
export type TestServices = Services & { stop: () => Promise<void> };

type Step = () => Promise<void>;

const makeTemplate = async (url: string): Promise<void> => {
  const sql = openSql(url, { maxConnections: 1 });
  try {
    await sql.unsafe(`CREATE DATABASE ${templateDatabase}`);
    const template = new URL(url);
    template.pathname = `/${templateDatabase}`;
    await applyMigrations(template.href);
    // A clone is refused while anybody is connected to the template.
    await sql.unsafe(`ALTER DATABASE ${templateDatabase} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

const startPostgresFor = async (dir: string, undo: Step[]): Promise<string> => {
  const port = await freePort();
  const password = randomBytes(16).toString('hex');
  // Nothing of this database has to survive a crash.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
  const postgres = await startPostgres({ dir: join(dir, 'postgres'), port, password, settings });
  undo.push(() => postgres.stop({ remove: true }));
  await makeTemplate(postgres.url);
  return postgres.url;
};

const startLivekitFor = async (dir: string, say: Say, undo: Step[]) => {
  const { path: bin } = await resolveLivekit({ bin: process.env['LIVEKIT_BIN'], say });
  const livekitApiKey = `test${randomBytes(4).toString('hex')}`;
  const livekitApiSecret = randomBytes(32).toString('hex');
  const livekit = await startLivekit({
    bin,
    dir: join(dir, 'livekit'),
    port: await freePort(),
    udpPort: await freeUdpPort(),
    nodeIp: '127.0.0.1',
    apiKey: livekitApiKey,
    apiSecret: livekitApiSecret,
  });
  undo.push(livekit.stop);
  return { livekitUrl: livekit.url, livekitApiKey, livekitApiSecret };
};

/** Starts Postgres with a migrated template database, and LiveKit; finds ffmpeg and Chromium. Throws with advice. */
export const startTestServices = async (say: Say): Promise<TestServices> => {
  await endAbandonedRuns();
  const dir = await makeRunFolder();
  const undo: Step[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  try {
    const { path: ffmpegBin } = await resolveFfmpeg({ bin: process.env['FFMPEG_BIN'], say });
    const { path: chromiumBin } = await resolveChromium({ bin: process.env['CHROMIUM_BIN'], say });
    const livekit = await startLivekitFor(dir, say, undo);
    const postgresUrl = await startPostgresFor(dir, undo);
    return { postgresUrl, ...livekit, ffmpegBin, chromiumBin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
