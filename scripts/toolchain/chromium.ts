/* A Chromium for the browser tests. Tests are never skipped for want of one: it is found, installed, or an error. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheDir } from '../launch/cache.mjs';
import { withLock } from '../launch/lock.mjs';
import { aptInstall, canAptInstall } from './apt.ts';
import { firstOf } from './part.ts';
import type { Part, Say } from './part.ts';
import { isExecutable, onPath } from './system.ts';
import { run } from './run.ts';

const advice =
  'No Chromium was found for the browser tests. Install one (Debian: apt-get install chromium), or set CHROMIUM_BIN.';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const existing = async (path: string | undefined, source: string): Promise<Part | undefined> => {
  if (!path || !isExecutable(path)) return undefined;
  const { stdout } = await run(path, ['--version', '--no-sandbox']);
  return { path, source, version: /(\d[\d.]+)/.exec(stdout)?.[1] ?? 'unknown' };
};

const installed = (source: string): Promise<Part | undefined> =>
  existing(
    names.map((name) => onPath(name)).find((path) => path !== undefined),
    source,
  );

const fromApt = async (say: Say): Promise<Part | undefined> => {
  if (!canAptInstall()) return undefined;
  await aptInstall('chromium', say);
  return installed('apt-get');
};

const fromPlaywright = async (say: Say): Promise<Part | undefined> => {
  const entry = createRequire(import.meta.url).resolve('playwright-core/package.json');
  const { chromium } = await import('playwright-core');
  if (!isExecutable(chromium.executablePath())) {
    say('Fetching Chromium ...');
    await run(process.execPath, [join(dirname(entry), 'cli.js'), 'install', 'chromium'], { maxBuffer: 64_000_000 });
  }
  return existing(chromium.executablePath(), 'playwright');
};

/** A Chromium that is already here: CHROMIUM_BIN (an error when it is wrong), PATH. */
export const findChromium = async (bin?: string): Promise<Part | undefined> => {
  if (!bin) return installed('PATH');
  const part = await existing(bin, 'CHROMIUM_BIN');
  if (!part) throw new Error(`CHROMIUM_BIN is ${bin}, which is not a program this user may run.`);
  return part;
};

/** The same, and when there is none it is installed with apt-get or fetched by Playwright. */
export const resolveChromium = async ({ bin, say }: { bin?: string; say: Say }): Promise<Part> => {
  const ways = [
    { name: 'PATH', get: () => installed('PATH') },
    { name: 'apt-get', get: () => fromApt(say) },
    { name: 'Playwright', get: () => fromPlaywright(say) },
  ];
  return (await findChromium(bin)) ?? withLock(join(cacheDir(), 'chromium.lock'), () => firstOf(ways, advice));
};
