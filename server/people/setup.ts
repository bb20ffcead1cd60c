import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Clock } from '../platform/clock.ts';
import { hashSecret, randomSecret } from '../platform/ids.ts';
import type { HostsStore } from './hosts.store.ts';

const linkLifeMs = 24 * 60 * 60 * 1000;

type Deps = { hosts: HostsStore; clock: Clock; config: Pick<Config, 'publicUrl' | 'dataDir'> };

/** Where whoever runs the instance finds the set-up link; only their own user may read it. */
export const setupLinkFile = (config: Pick<Config, 'dataDir'>): string => join(config.dataDir, 'setup-link.txt');

/** A fresh one-time link for the first host, good for a day; earlier unused ones stop working. */
export const createSetupLink = async ({ hosts, clock, config }: Deps): Promise<string> => {
  const secret = randomSecret();
  await hosts.putSetupLink(hashSecret(secret), new Date(clock.now().getTime() + linkLifeMs));
  return `${config.publicUrl}/manage/set-up#secret=${secret}`;
};

/** Writes a fresh link into the data folder when there is no host yet. Returns the file, or undefined. */
export const offerSetup = async (deps: Deps): Promise<string | undefined> => {
  const file = setupLinkFile(deps.config);
  await rm(file, { force: true });
  if ((await deps.hosts.count()) > 0) return undefined;
  await mkdir(deps.config.dataDir, { recursive: true, mode: 0o700 });
  await writeFile(file, `${await createSetupLink(deps)}\n`, { mode: 0o600 });
  return file;
};
