import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Runs a tool of node_modules on the current Node; its output lines are the faults when it exits with other than 0. */
export const runTool = async (root: string, tool: string, args: string[]): Promise<string[]> => {
  const bin = join(root, 'node_modules/.bin', tool);
  const child = spawn(process.execPath, [bin, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((settle, fail) => child.once('error', fail).once('close', settle));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code === 0) return [];
  const lines = `${out}${err}`.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 ? lines : [`${tool} ended with ${code} and said nothing`];
};
