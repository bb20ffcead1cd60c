/** The folder of one test run, and what is left of runs that were killed before they could clean up. */
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessMark } from '../launch/processes.mjs';
import { isAlive, processMark } from '../launch/processes.mjs';
import { removeCluster } from '../services/postgres-cluster.ts';
import { livingPostmaster } from '../services/postgres.ts';
import { endProcess, livingRecord } from '../services/process-file.ts';

const prefix = 'loggia-test-';
const ownerFile = 'owner.json';

const ownerOf = (dir: string): ProcessMark | undefined => {
  try {
    return JSON.parse(readFileSync(join(dir, ownerFile), 'utf8')) as ProcessMark;
  } catch {
    return undefined;
  }
};

/** Makes a folder that names this process as its owner. */
export const makeRunFolder = async (parent: string = tmpdir()): Promise<string> => {
  const dir = await mkdtemp(join(parent, prefix));
  await writeFile(join(dir, ownerFile), JSON.stringify(processMark(process.pid)));
  return dir;
};

/** Ends the services of runs whose process is gone and deletes their folders. Returns the folders. */
export const endAbandonedRuns = async (parent: string = tmpdir()): Promise<string[]> => {
  const dirs = globSync(`${prefix}*`, { cwd: parent }).map((name) => join(parent, name));
  const abandoned = dirs.filter((dir) => {
    const owner = ownerOf(dir);
    return owner !== undefined && !isAlive(owner);
  });
  for (const dir of abandoned) {
    const cluster = join(dir, 'postgres');
    const services = [livingRecord(join(dir, 'livekit/livekit.pid')), livingPostmaster(cluster)];
    await Promise.all(services.map(async (mark) => mark && endProcess(mark, { secondMs: 100, graceMs: 3000 })));
    removeCluster(cluster);
    await rm(dir, { recursive: true, force: true });
  }
  return abandoned;
};
