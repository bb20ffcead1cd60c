/** `npm run openapi`: writes docs/openapi.json from the routes' own schemas. */
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../server/config.ts';
import { livekitMedia } from '../server/media/livekit.ts';
import { systemClock } from '../server/platform/clock.ts';
import { createLog } from '../server/platform/log.ts';
import { generateCode } from './services/build.ts';

const file = join(import.meta.dirname, '../docs/openapi.json');
const nobody = 'openapi-openapi-openapi-openapi-openapi';

// The app is composed but never listens, and nothing at these addresses is ever asked.
const config = loadConfig({
  DATABASE_URL: 'postgres://127.0.0.1:1/none',
  LIVEKIT_URL: 'ws://127.0.0.1:1',
  LIVEKIT_API_KEY: nobody,
  LIVEKIT_API_SECRET: nobody,
  ADMISSION_SECRET: nobody,
  DATA_DIR: join(tmpdir(), 'loggia-openapi'),
  RECORDINGS_DIR: join(tmpdir(), 'loggia-openapi'),
});

/** The text of docs/openapi.json as the routes would have it. */
export const describeApi = async (): Promise<string> => {
  await generateCode();
  // Only now: both import the generated client.
  const { buildApp } = await import('../server/app.ts');
  const { openDatabase } = await import('../server/platform/db.ts');
  const { livekitUrl: url, livekitApiKey: apiKey, livekitApiSecret: apiSecret } = config;
  const database = openDatabase(config.databaseUrl);
  const media = livekitMedia({ url, apiKey, apiSecret });
  const app = await buildApp({ config, database, media, clock: systemClock, log: createLog({ level: 'fatal' }) });
  try {
    await app.ready();
    return `${JSON.stringify(app.swagger(), null, 2)}\n`;
  } finally {
    await app.close();
    await database.close();
  }
};

/** One line when docs/openapi.json is not what the routes say, naming where they part. */
export const checkOpenApi = async (): Promise<string[]> => {
  const [wanted, found] = await Promise.all([describeApi(), readFile(file, 'utf8')]);
  if (wanted === found) return [];
  const lines = found.split('\n');
  const line = wanted.split('\n').findIndex((text, index) => text !== lines[index]);
  return [`docs/openapi.json:${line + 1} is not what the routes say: run \`npm run openapi\` and commit it`];
};

if (import.meta.main) {
  await writeFile(file, await describeApi());
  process.exit();
}
