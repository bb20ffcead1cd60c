/**
 * `npm run check`: everything that can be said about the code without running it. Each check prints one line with its
 * time; what it found stands below.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { checkBans } from './checks/bans.ts';
import { checkBundle } from './checks/bundle.ts';
import { runTool } from './checks/command.ts';
import { checkImports } from './checks/imports.ts';
import { checkSize } from './checks/size.ts';
import { readSources } from './checks/source.ts';
import { checkOpenApi } from './openapi.ts';
import { generateCode } from './services/build.ts';

const root = join(import.meta.dirname, '..');

// The compiler looks again only at what has changed since the last check.
const remembering = ['--pretty', 'false', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/loggia/tsc.json'];

/** `find` gives one line per fault. */
type Check = { name: string; find: () => string[] | Promise<string[]> };

// The slowest first, so that the short ones fill the gaps.
const checks = (): Check[] => {
  const sources = readSources(root);
  return [
    {
      name: 'types and templates of the web app',
      find: () =>
        runTool(root, 'svelte-check', ['--tsconfig', 'web/tsconfig.json', '--fail-on-warnings', '--output', 'human']),
    },
    { name: 'weight of the web app', find: () => checkBundle(root) },
    { name: 'types', find: () => runTool(root, 'tsc', ['-p', 'tsconfig.json', ...remembering]) },
    { name: 'lint', find: () => runTool(root, 'oxlint', ['--type-aware', '--format', 'unix']) },
    { name: 'docs/openapi.json', find: checkOpenApi },
    { name: 'format', find: () => runTool(root, 'oxfmt', ['--check', '.']) },
    { name: 'import rules', find: () => checkImports(sources) },
    { name: 'bans', find: () => checkBans(sources) },
    { name: 'size budget', find: () => checkSize(sources) },
  ];
};

const shownFaults = 60;

const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

const runCheck = async ({ name, find }: Check): Promise<boolean> => {
  const startedMs = performance.now();
  const faults = await Promise.resolve()
    .then(find)
    .catch((error: unknown) => [error instanceof Error ? error.message : String(error)]);
  const isGood = faults.length === 0;
  console.log(`${isGood ? '✓' : '✗'} ${name.padEnd(36)} ${seconds(startedMs)}`);
  for (const fault of faults.slice(0, shownFaults)) console.log(`    ${stripVTControlCharacters(fault)}`);
  if (faults.length > shownFaults) console.log(`    and ${faults.length - shownFaults} more lines`);
  return isGood;
};

/** Runs every check, as many at once as there are processors, and says whether all of them found nothing. */
export const check = async (): Promise<boolean> => {
  const startedMs = performance.now();
  await generateCode();
  const waiting = checks();
  const results: boolean[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await runCheck(next));
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
  const failed = results.filter((isGood) => !isGood).length;
  console.log(`${failed === 0 ? 'check: all good' : `check: ${failed} failed`}, ${seconds(startedMs)}`);
  return failed === 0;
};

if (import.meta.main) process.exit((await check()) ? 0 : 1);
