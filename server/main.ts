/**
 * The server's process: settings in, a listening socket out, and an end in phases. Postgres, migrations and LiveKit
 * are the launcher's business.
 */
import type { FastifyListenOptions } from 'fastify';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { ConfigError, loadConfig } from './config.ts';
import { livekitMedia } from './media/livekit.ts';
import { hostsStore } from './people/hosts.store.ts';
import { offerSetup } from './people/setup.ts';
import { systemClock } from './platform/clock.ts';
import { openDatabase } from './platform/db.ts';
import type { Log } from './platform/log.ts';
import { createLog } from './platform/log.ts';
import { createShutdown, PHASES, shutdownOnSignals } from './platform/shutdown.ts';

const readConfig = (): Config => {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(78); // EX_CONFIG of sysexits.h
  }
};

/** A descriptor is passed through to Node's own `listen`; Fastify's types only know addresses. */
const addressOf = ({ listenFd, host, port }: Config): FastifyListenOptions =>
  listenFd > 0 ? ({ fd: listenFd } as FastifyListenOptions) : { host, port };

const serve = async (config: Config, log: Log): Promise<void> => {
  const clock = systemClock;
  const shutdown = createShutdown(PHASES, log);
  shutdownOnSignals(shutdown, log);

  const database = openDatabase(config.databaseUrl);
  shutdown.add('database', 'database', database.close);
  const media = livekitMedia({
    url: config.livekitUrl,
    apiKey: config.livekitApiKey,
    apiSecret: config.livekitApiSecret,
  });
  const app = await buildApp({ config, database, media, clock, log });
  shutdown.add('recordings', 'chapters', app.stopChapters);
  shutdown.add('connections', 'web server', () => app.close());

  // Before listening: whoever finds the server ready finds the link, too.
  const file = await offerSetup({ hosts: hostsStore(database), clock, config });
  if (file) log.info({ file }, 'there is no host yet: open the link in this file');
  await app.startChapters();
  await app.listen(addressOf(config));
  log.info({ publicUrl: config.publicUrl, profile: config.profile }, 'ready');
};

const config = readConfig();
const log = createLog({ level: config.logLevel });
process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
serve(config, log).catch((error: unknown) => {
  log.fatal({ err: error }, 'could not start');
  process.exit(1);
});
