/*
 * `npm run bench:recording`: the sixteen bars of a recording, measured on real files with real services, as one table.
 *
 *   npm run bench:recording -- [number of a bar]… [--quick] [--rounds 50] [--minutes 5] [--json out.json]
 *
 * Every number is measured in this run, and so is the floor it is compared with. What was not measured says so.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { generateCode } from '../scripts/services/build.ts';
import { startTestServices } from '../scripts/test/services.ts';
import { servicesVariable } from '../test/support/services.ts';
import type { Bar, BenchOptions, Reading } from './bars/bar.ts';
import { notMeasured } from './bars/bar.ts';
import { summaryOf, tableOf } from './table.ts';

const say = (line: string): void => console.error(line);

/** Loaded when needed: some of them need the generated database client. */
const modules: { bars: readonly number[]; load: () => Promise<Bar> }[] = [
  { bars: [1, 2, 3], load: async () => (await import('./bars/loudness.ts')).loudnessBar },
  { bars: [4, 5], load: async () => (await import('./bars/exactness.ts')).exactnessBar },
  { bars: [6], load: async () => (await import('./bars/sync.ts')).syncBar },
  { bars: [7, 8], load: async () => (await import('./bars/kills.ts')).killsBar },
  { bars: [9], load: async () => (await import('./bars/power-cut.ts')).powerCutBar },
  { bars: [10], load: async () => (await import('./bars/disk.ts')).diskBar },
  { bars: [11], load: async () => (await import('./bars/dark.ts')).darkBar },
  { bars: [12], load: async () => (await import('./bars/replay.ts')).replayBar },
  { bars: [13], load: async () => (await import('./bars/render-speed.ts')).renderSpeedBar },
  { bars: [14], load: async () => (await import('./bars/cost.ts')).costBar },
  { bars: [15], load: async () => (await import('./bars/repeat.ts')).repeatBar },
  { bars: [16], load: async () => (await import('./bars/absent.ts')).absentBar },
];
const everyBar = modules.flatMap(({ bars }) => bars);

const numberOf = (option: string, text: string): number => {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${option} wants a number above 0, not "${text}"`);
  return number;
};

const readArguments = (args: string[]) => {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const wanted = positionals.map(Number);
  const unknown = wanted.find((bar) => !everyBar.includes(bar));
  if (unknown !== undefined)
    throw new Error(`There are the bars 1 to 16, not "${positionals[wanted.indexOf(unknown)]}"`);
  const { quick } = values;
  return {
    wanted: wanted.length > 0 ? wanted : everyBar,
    json: values.json,
    quick,
    rounds: Math.round(numberOf('rounds', values.rounds ?? (quick ? '2' : '50'))),
    minutes: numberOf('minutes', values.minutes ?? (quick ? '0.5' : '5')),
  };
};

/** A module that fails has not measured its bars, and does not keep the others from being measured. */
const readingsOf = async (
  bars: readonly number[],
  load: () => Promise<Bar>,
  options: BenchOptions,
): Promise<Reading[]> => {
  say(`\nBar ${bars.join(', ')} …`);
  try {
    return await (await load()).measure(options);
  } catch (error) {
    say((error as Error).stack ?? String(error));
    return bars.map((bar) => notMeasured(bar, '', '', (error as Error).message));
  }
};

const main = async (): Promise<number> => {
  const { wanted, json, ...given } = readArguments(process.argv.slice(2));
  await generateCode();
  const { stop, ...services } = await startTestServices(say);
  process.env[servicesVariable] = JSON.stringify(services);
  const readings: Reading[] = [];
  try {
    const options = { ...given, ffmpegBin: services.ffmpegBin, say };
    for (const { bars, load } of modules) {
      if (!bars.some((bar) => wanted.includes(bar))) continue;
      const measured = (await readingsOf(bars, load, options)).filter(({ bar }) => wanted.includes(bar));
      say(tableOf(measured));
      readings.push(...measured);
    }
  } finally {
    await stop();
  }
  console.log(`\n${tableOf(readings)}\n\n${summaryOf(readings)}`);
  if (json) writeFileSync(json, `${JSON.stringify({ ...given, readings }, null, 2)}\n`);
  return readings.some(({ ok }) => ok === false) ? 1 : 0;
};

try {
  process.exit(await main());
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
