/**
 * `npm test [-- <part of a file name> …]`: the checks, then every test against real services that are started here.
 * The last line is `N passed, N failed`. With a filter the checks are left out, and services are started only for
 * tests that need them.
 */
import { relative } from 'node:path';
import type { TestModule, TestSpecification } from 'vitest/node';
import { createVitest } from 'vitest/node';
import { servicesVariable } from '../test/support/services.ts';
import { check } from './check.ts';
import { buildWeb, generateCode } from './services/build.ts';
import { projectRoot } from './settings/environment.ts';
import type { TestServices } from './test/services.ts';
import { startTestServices } from './test/services.ts';
import type { FileOutcome, Tally } from './test/tally.ts';
import { slowest, tally } from './test/tally.ts';

const say = (line: string): void => console.log(line);

const outcomeOf = (file: TestModule): FileOutcome => ({
  name: relative(projectRoot, file.moduleId),
  errors: file.errors().length + [...file.children.allSuites()].flatMap((suite) => suite.errors()).length,
  tests: [...file.children.allTests()].map((test) => ({
    name: test.fullName,
    state: test.result().state,
    durationMs: test.diagnostic()?.duration ?? 0,
  })),
});

const needsServices = ({ project }: TestSpecification): boolean =>
  ['integration', 'media', 'browser'].includes(project.name);

let running: TestServices | undefined;

const startWhatIsNeeded = async (specifications: TestSpecification[]): Promise<void> => {
  if (specifications.some(({ project }) => project.name === 'browser')) await buildWeb(say);
  if (!specifications.some(needsServices)) return;
  running = await startTestServices(say);
  const { stop: _stop, ...services } = running;
  process.env[servicesVariable] = JSON.stringify(services);
};

/** Alone: vitest's own listeners end the process within a millisecond, before anything could be stopped. */
const stopOnSignals = (): void => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.once(signal, () => {
      say(`\n${signal}: stopping the services`);
      void (running?.stop() ?? Promise.resolve()).finally(() => process.exit(1));
    });
  }
};

const runTests = async (filters: string[]): Promise<Tally> => {
  const vitest = await createVitest('test', { watch: false, root: projectRoot });
  stopOnSignals();
  try {
    const specifications = await vitest.globTestSpecifications(filters);
    if (specifications.length === 0) throw new Error(`No test file matches ${filters.join(' ')}`);
    await startWhatIsNeeded(specifications);
    await vitest.start(filters);
    const files = vitest.state.getTestModules().map(outcomeOf);
    say(`\nThe slowest tests:\n${slowest(files, 10).join('\n')}\n`);
    return tally(files, vitest.state.getUnhandledErrors().length);
  } finally {
    await vitest.close();
  }
};

const main = async (filters: string[]): Promise<number> => {
  let { passed, failed }: Tally = { passed: 0, failed: 0 };
  try {
    await generateCode();
    if (filters.length === 0 && !(await check())) failed += 1;
    const result = await runTests(filters);
    passed += result.passed;
    failed += result.failed;
  } catch (error) {
    console.error(error);
    failed += 1;
  } finally {
    await running?.stop();
  }
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

process.exit(await main(process.argv.slice(2)));
