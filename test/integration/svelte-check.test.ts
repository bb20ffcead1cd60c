import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { runTool } from '../../scripts/checks/command.ts';

// svelte-check says "no errors" when its tsconfig does not list the components, so what it would find is tried out.
const root = join(import.meta.dirname, '../..');
const folders: string[] = [];

afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

const faultsIn = async (component: string): Promise<string> => {
  // Beside web/, so that the copied configuration means the same there.
  const folder = await mkdtemp(join(root, 'canary-'));
  folders.push(folder);
  await cp(join(root, 'web/tsconfig.json'), join(folder, 'tsconfig.json'));
  await writeFile(join(folder, 'Canary.svelte'), component);
  const args = ['--workspace', folder, '--tsconfig', join(folder, 'tsconfig.json'), '--fail-on-warnings'];
  return (await runTool(root, 'svelte-check', args)).join('\n');
};

it('svelte-check with our configuration finds a type error in a component', async () => {
  const faults = await faultsIn(`<script lang="ts">\n  const seats: number = 'three';\n</script>\n<p>{seats}</p>\n`);
  expect(faults).toContain(`Type 'string' is not assignable to type 'number'`);
});

it('svelte-check with our configuration fails on a picture without a description', async () => {
  expect(await faultsIn('<img src="/a.png" />\n')).toContain('a11y_missing_attribute');
});

it('svelte-check with our configuration lets a sound component pass', async () => {
  expect(await faultsIn('<p>Nobody speaks.</p>\n')).toBe('');
});
