import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isAlive } from '../../scripts/launch/processes.mjs';
import { freePort } from '../../scripts/services/ports.ts';
import { startPostgres } from '../../scripts/services/postgres.ts';
import { endAbandonedRuns, makeRunFolder } from '../../scripts/test/run-folder.ts';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'loggia-runs-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

it('the Postgres of a run that was killed is ended by the next run, and its folder is deleted', async () => {
  const dir = await makeRunFolder(parent);
  const postgres = await startPostgres({
    dir: join(dir, 'postgres'),
    port: await freePort(),
    password: 'kept-by-nobody',
  });
  await writeFile(join(dir, 'owner.json'), JSON.stringify({ pid: process.pid, startedAt: 'another life' }));
  expect(await endAbandonedRuns(parent)).toEqual([dir]);
  expect(isAlive(postgres)).toBe(false);
  expect(existsSync(dir)).toBe(false);
});

it('a run that is alive is left alone', async () => {
  const dir = await makeRunFolder(parent);
  expect(await endAbandonedRuns(parent)).toEqual([]);
  expect(existsSync(dir)).toBe(true);
});
