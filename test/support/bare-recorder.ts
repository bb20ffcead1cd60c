/** Starts the bare recorder of bot-recorder.main.ts as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { until } from './wait.ts';

const MAIN = fileURLToPath(new URL('./bot-recorder.main.ts', import.meta.url));

const trackSchema = z.object({ identity: z.string(), file: z.string(), firstAtMs: z.number() });
/** `firstAtMs`: epoch ms at which the first sample of the file began. */
export type BareTrack = z.infer<typeof trackSchema>;

export type BareRecorder = {
  pid: number;
  tracks: BareTrack[];
  /** Ends it; the files are whole when this resolves. */
  stop: () => Promise<void>;
};

/** Resolves when `speakers` microphones are being recorded into `dir`. */
export const startBareRecorder = async (
  order: { url: string; token: string; dir: string; ffmpegBin: string },
  speakers: number,
): Promise<BareRecorder> => {
  const env = { NODE_ENV: 'production', PATH: '/usr/local/bin:/usr/bin:/bin' };
  const child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const tracks: BareTrack[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{"identity"')) tracks.push(trackSchema.parse(JSON.parse(line)));
  });
  child.stdin.write(`${JSON.stringify(order)}\n`);
  const stop = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.stdin.end();
    await gone;
  };
  await until(() => tracks.length >= speakers, { timeoutMs: 15_000, what: 'the bare recorder hears everybody' });
  return { pid: child.pid!, tracks, stop };
};
