import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { download } from './fetch.ts';
import { firstOf } from './part.ts';

const folder = mkdtempSync(join(tmpdir(), 'loggia-fetch-'));
const server = createServer((_request, response) => response.end('an archive'));
let url = '';

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/archive`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it('a download is written when its SHA-256 is the published one', async () => {
  const target = join(folder, 'good');
  await download(url, createHash('sha256').update('an archive').digest('hex'), target);
  expect(readFileSync(target, 'utf8')).toBe('an archive');
});

it('a download with another SHA-256 is refused and leaves no file', async () => {
  const target = join(folder, 'bad');
  await expect(download(url, '0'.repeat(64), target)).rejects.toThrow('was refused');
  expect(existsSync(target)).toBe(false);
});

it('when no way leads to a part, the error names every way and why it failed', async () => {
  const nowhere = firstOf(
    [
      { name: 'PATH', get: async () => undefined },
      { name: 'download', get: () => Promise.reject(new Error('no network')) },
    ],
    'Nothing was found.',
  );
  await expect(nowhere).rejects.toThrow('Nothing was found.\nTried:\n  PATH: not there\n  download: no network');
});
