/** One run of `npm run demo` on an instance of its own, to its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoReport } from '../../scripts/demo/report.ts';

/** Everything lies in `folder`. Throws when the demo fails. */
export const runDemo = async (folder: string, args: string[]): Promise<DemoReport> => {
  const json = join(folder, 'report.json');
  const env = { ...process.env, DATA_DIR: join(folder, 'data'), RECORDINGS_DIR: join(folder, 'recordings') };
  const command = ['scripts/demo.ts', ...args, '--json', json, '--exit'];
  const demo = spawn(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'], env });
  const [code] = await once(demo, 'exit');
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
  return JSON.parse(await readFile(json, 'utf8')) as DemoReport;
};
