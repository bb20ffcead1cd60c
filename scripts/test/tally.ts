/** What a test run amounts to. */

/** One test or one file as vitest reports it; `errors` of a file are those outside of its tests. */
export type TestOutcome = { name: string; state: 'passed' | 'failed' | 'skipped' | 'pending'; durationMs: number };
export type FileOutcome = { name: string; errors: number; tests: TestOutcome[] };

export type Tally = { passed: number; failed: number };

const tallyFile = ({ errors, tests }: FileOutcome): Tally => {
  const passed = tests.filter(({ state }) => state === 'passed').length;
  const failed = tests.length - passed;
  // A file that could not be loaded, or whose hooks failed, counts even if none of its tests could fail.
  return { passed, failed: failed === 0 && (errors > 0 || tests.length === 0) ? 1 : failed };
};

/** Counts every test that did not pass as failed, each unhandled error and a file without tests as one more. */
export const tally = (files: FileOutcome[], unhandledErrors: number): Tally => {
  const tallies = files.map(tallyFile);
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, unhandledErrors),
  };
};

/** The `count` slowest tests, one line each, the slowest first. */
export const slowest = (files: FileOutcome[], count: number): string[] =>
  files
    .flatMap((file) => file.tests.map((test) => ({ ...test, name: `${file.name} › ${test.name}` })))
    .toSorted((a, b) => b.durationMs - a.durationMs)
    .slice(0, count)
    .map(({ name, durationMs }) => `${(durationMs / 1000).toFixed(1).padStart(7)} s  ${name}`);
