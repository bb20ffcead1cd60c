/* From what an operator has set to everything the server needs: addresses and keys of the parts we start ourselves. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig, settings } from '../../server/config.ts';
import type { Config, Environment } from '../../server/config.ts';
import { postgresUrl } from '../services/postgres.ts';
import { isRoot } from '../toolchain/system.ts';
import { secretsOf } from './secrets.ts';
import type { Secrets } from './secrets.ts';

export const projectRoot = resolve(import.meta.dirname, '../..');

export type CompleteSettings = {
  config: Config;
  /** The same as environment variables, for the server's process; holds all secrets. */
  env: Record<string, string>;
  secrets: Secrets;
  /** Which parts are used from elsewhere and therefore not started here. */
  outside: { postgres: boolean; livekit: boolean };
};

const isSet = (value: string | undefined): value is string => value !== undefined && value.trim() !== '';

const portOf = (value: string | undefined, fallback: number): number =>
  value && /^\d+$/.test(value) ? Number(value) : fallback;

const madeSettings = (given: Environment, secrets: Secrets): Environment => ({
  DATABASE_URL: postgresUrl(portOf(given['POSTGRES_PORT'], 7432), secrets.databasePassword),
  ADMISSION_SECRET: secrets.admissionSecret,
  // The keys of a LiveKit elsewhere can only come from whoever runs it.
  ...(isSet(given['LIVEKIT_URL'])
    ? {}
    : {
        LIVEKIT_URL: `ws://127.0.0.1:${portOf(given['LIVEKIT_PORT'], 7880)}`,
        LIVEKIT_API_KEY: secrets.livekitApiKey,
        LIVEKIT_API_SECRET: secrets.livekitApiSecret,
      }),
});

/**
 * Parses the settings and fills in what was left open. `keep` says whether folders and secrets may be made on disk
 * (a start) or not (the doctor). Throws a ConfigError with all faults before anything is written.
 */
export const completeSettings = (environment: Environment, { keep }: { keep: boolean }): CompleteSettings => {
  const given = Object.fromEntries(
    Object.entries(settings.shape).flatMap(([name, schema]) =>
      isSet(environment[name]) && !schema.meta()?.['internal'] ? [[name, environment[name]]] : [],
    ),
  ) as Record<string, string>;
  const { secrets, keep: keepSecrets } = secretsOf(resolve(projectRoot, given['DATA_DIR'] ?? './data'));
  const env = { ...madeSettings(given, secrets), ...given } as Record<string, string>;
  const config = loadConfig(env);
  if (keep) {
    // Root's Postgres is another user, who has to pass through the data folder; what is secret in it is mode 600.
    mkdirSync(config.dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
    mkdirSync(config.recordingsDir, { recursive: true, mode: 0o700 });
    mkdirSync(config.runtimeDir, { recursive: true, mode: 0o700 });
    keepSecrets();
  }
  const outside = { postgres: isSet(given['DATABASE_URL']), livekit: isSet(given['LIVEKIT_URL']) };
  return { config, env: { ...env, ...foldersOf(config) }, secrets, outside };
};

const foldersOf = (config: Config): Record<string, string> => ({
  DATA_DIR: config.dataDir,
  RECORDINGS_DIR: config.recordingsDir,
  RUNTIME_DIR: config.runtimeDir,
});
