import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replaceFile, settle } from './durable.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loggia-durable-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('a file replaced by twenty at once is one of the twenty, whole, and nothing else is left', async () => {
  const path = join(folder, 'note.json');
  const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000));
  await Promise.all(contents.map((content) => replaceFile(path, content)));
  expect(contents).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['note.json']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('what is given its final name is there under it and nowhere else', async () => {
  await writeFile(join(folder, 'new'), 'content');
  await settle(join(folder, 'new'), join(folder, 'final'));
  expect(await readdir(folder)).toEqual(['final']);
});
