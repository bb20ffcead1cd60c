/* What the doctor looks at. Nothing here fetches, builds, starts or writes anything. */
import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import type { Config } from '../../server/config.ts';
import { lockHolder } from '../launch/lock.mjs';
import { isNewEnough } from '../launch/node.mjs';
import { ownMediaAddress } from '../services/livekit-config.ts';
import { portFault } from '../services/ports.ts';
import type { PortClaim } from '../services/ports.ts';
import { secretsPath } from '../settings/secrets.ts';
import { findChromium } from '../toolchain/chromium.ts';
import { findFfmpeg } from '../toolchain/ffmpeg.ts';
import { findLivekit } from '../toolchain/livekit.ts';
import { resolvePostgres } from '../toolchain/postgres.ts';

/** `ok`: fine. `note`: works, but read it. `broken`: a start or a test will fail because of it. */
export type Finding = { part: string; state: 'ok' | 'note' | 'broken'; says: string };

/** What a check may look at. `env` is the environment the instance would be started with. */
export type Patient = {
  config: Config;
  env: Record<string, string | undefined>;
  outside: { postgres: boolean; livekit: boolean };
};

type Check = (patient: Patient) => Promise<Finding> | Finding;

const finding = (part: string, state: Finding['state'], says: string): Finding => ({ part, state, says });

const checkNode: Check = () =>
  isNewEnough(process.version)
    ? finding('Node', 'ok', process.version)
    : finding('Node', 'broken', `${process.version} is too old: run this through \`npm run doctor\`.`);

const checkPostgres: Check = async ({ config, outside }) => {
  if (!outside.postgres) {
    const { version } = await resolvePostgres();
    return finding('Postgres', 'ok', `${version}, our own, port ${config.postgresPort}`);
  }
  const client = new pg.Client({ connectionString: config.databaseUrl, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    const version = rows[0]?.server_version ?? '';
    return Number.parseInt(version, 10) >= 14
      ? finding('Postgres', 'ok', `${version}, at DATABASE_URL`)
      : finding('Postgres', 'broken', `${version} at DATABASE_URL is too old: use Postgres 14 or later.`);
  } finally {
    await client.end();
  }
};

const checkLivekit: Check = async ({ config, outside }) => {
  if (outside.livekit) {
    const url = config.livekitUrl.replace(/^ws/, 'http');
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok)
      return finding('LiveKit', 'broken', `LIVEKIT_URL answers ${answer.status}: is it a LiveKit server?`);
    return finding(
      'LiveKit',
      'note',
      'LIVEKIT_URL answers. Keep its HTTP port closed to the public (removals are enforced at our own gateway) and use 1.13.7 or later.',
    );
  }
  const found = await findLivekit(config.livekitBin);
  if (!found) return finding('LiveKit', 'note', 'none here yet: the first start fetches or builds it.');
  const address = config.mediaAddress ?? ownMediaAddress();
  return finding('LiveKit', 'ok', `${found.version} (${found.source}); announces ${address} for the sound`);
};

const checkFfmpeg: Check = async ({ env }) => {
  const { version, source, path } = await findFfmpeg(env['FFMPEG_BIN']);
  return finding('ffmpeg', 'ok', `${version} (${source}), ${path}`);
};

const checkChromium: Check = async ({ env }) => {
  const found = await findChromium(env['CHROMIUM_BIN']);
  if (found) return finding('Chromium', 'ok', `${found.version} (${found.source}); only tests use it`);
  return finding('Chromium', 'note', 'none here: only tests need it, and `npm test` tries to install one.');
};

const runningInstance = (config: Config): string | undefined => {
  const holder = lockHolder(join(config.dataDir, 'launcher.lock'));
  return holder && `running at ${holder.note} (process ${holder.pid})`;
};

const checkPorts: Check = async ({ config, outside }) => {
  const running = runningInstance(config);
  if (running) return finding('Ports', 'ok', `in use by this instance, ${running}`);
  const claims: PortClaim[] = [{ part: 'The web server', port: config.port, setting: 'PORT', host: config.host }];
  if (!outside.postgres) claims.push({ part: 'Postgres', port: config.postgresPort, setting: 'POSTGRES_PORT' });
  if (!outside.livekit) {
    const udp = { protocol: 'udp', host: '0.0.0.0' } as const;
    claims.push({ part: 'LiveKit', port: config.livekitPort, setting: 'LIVEKIT_PORT' });
    claims.push({ part: 'LiveKit', port: config.livekitUdpPort, setting: 'LIVEKIT_UDP_PORT', ...udp });
  }
  const faults = (await Promise.all(claims.map(portFault))).filter((fault) => fault !== undefined);
  if (faults.length > 0) return finding('Ports', 'broken', faults.join(' '));
  return finding('Ports', 'ok', `free: ${claims.map(({ port }) => port).join(', ')}`);
};

const nearestExisting = (path: string): string => (existsSync(path) ? path : nearestExisting(dirname(path)));

const checkDisk: Check = ({ config }) => {
  const { bavail, bsize } = statfsSync(nearestExisting(config.recordingsDir));
  const gigabytes = (bavail * bsize) / 1e9;
  // A talking speaker's FLAC takes about 0.2 GB an hour.
  const hours = Math.round(gigabytes / 0.2);
  const says = `${gigabytes.toFixed(1)} GB free for recordings, about ${hours} hours of one speaker`;
  if (gigabytes < 1) return finding('Disk', 'broken', `${says}: make room, or set RECORDINGS_DIR.`);
  return finding('Disk', gigabytes < 5 ? 'note' : 'ok', says);
};

const checkAddress: Check = ({ config }) => {
  if (config.profile === 'lan') {
    return finding(
      'Address',
      'note',
      `${config.publicUrl}: people can listen, but browsers give a microphone only to https. Put a proxy with TLS in front and set PUBLIC_URL.`,
    );
  }
  if (config.profile === 'local') {
    return finding(
      'Address',
      'ok',
      `${config.publicUrl}, for this machine only; set PUBLIC_URL to be reached by others.`,
    );
  }
  return config.mediaAddress || config.livekitUrl.startsWith('wss')
    ? finding('Address', 'ok', config.publicUrl)
    : finding('Address', 'note', `${config.publicUrl}: set MEDIA_ADDRESS when this machine is behind a router.`);
};

const checkSecrets: Check = ({ config }) => {
  const path = secretsPath(config.dataDir);
  if (!existsSync(path)) return finding('Secrets', 'ok', 'made at the first start');
  if ((statSync(path).mode & 0o077) === 0) return finding('Secrets', 'ok', 'readable by their owner alone');
  return finding('Secrets', 'broken', `others may read ${path}: run \`chmod 600\` on it.`);
};

/** Every check, by the name it has when it cannot even be done. */
const checks: Record<string, Check> = {
  Node: checkNode,
  Postgres: checkPostgres,
  LiveKit: checkLivekit,
  ffmpeg: checkFfmpeg,
  Ports: checkPorts,
  Disk: checkDisk,
  Address: checkAddress,
  Secrets: checkSecrets,
  Chromium: checkChromium,
};

/** All findings, in the order above. A check that throws is broken, with the error as what it says. */
export const examine = (patient: Patient): Promise<Finding[]> =>
  Promise.all(
    Object.entries(checks).map(async ([part, check]) => {
      try {
        return await check(patient);
      } catch (error) {
        return finding(part, 'broken', (error as Error).message);
      }
    }),
  );
