/** Bar 15: the same input twice, and a render that is killed in every stage and gone on with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RENDER_STEPS } from '../../server/recording/recording.schema.ts';
import type { RenderInput } from '../../server/recording/render/render.ts';
import { render } from '../../server/recording/render/render.ts';
import { makeRecording } from '../../test/support/raw-tracks.ts';
import { ADA, BO, speak } from '../../test/support/voices.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';

const RENDER_MAIN = fileURLToPath(new URL('../../test/support/render.main.ts', import.meta.url));

const hashesOf = async (input: RenderInput): Promise<string> =>
  (await render(input)).renditions.map(({ sha256 }) => sha256).join();

/** Lets another process render until it says that it is in `step`, and kills it there. */
const killIn = async (input: RenderInput, step: string): Promise<void> => {
  const command = [RENDER_MAIN, JSON.stringify(input)];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) if (line.startsWith(step)) break;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

const measure = async ({ quick, ffmpegBin }: BenchOptions): Promise<Reading[]> => {
  const seconds = quick ? 12 : 60;
  const takes = [
    { tracks: [{ speaker: 'Ada', pcm: speak(ADA, seconds, -20) }] },
    { tracks: [{ speaker: 'Bo', pcm: speak(BO, seconds, -34) }] },
  ];
  const original = await makeRecording(ffmpegBin, takes);
  const folders = [original.dir];
  const fresh = async (): Promise<RenderInput> => {
    const dir = await mkdtemp(join(tmpdir(), 'loggia-bench-'));
    folders.push(dir);
    await cp(join(original.dir, 'raw'), join(dir, 'raw'), { recursive: true });
    return { timeline: original.timeline, dir, ffmpegBin, job: 'job', tags: { title: 'Again' } };
  };
  try {
    const expected = await hashesOf(await fresh());
    const twice = (await hashesOf(await fresh())) === expected;
    const stages = RENDER_STEPS.filter((step) => step !== 'ready');
    const same: string[] = [];
    for (const stage of stages) {
      const input = await fresh();
      await killIn(input, stage);
      if ((await hashesOf({ ...input, attempt: 2 })) === expected) same.push(stage);
    }
    const bound = 'the same SHA-256';
    return [
      { bar: 15, what: 'the same input twice', measured: twice ? 'the same' : 'another', bound, ok: twice },
      {
        ...{ bar: 15, what: 'killed in every stage, gone on with', bound },
        measured: `the same in ${same.length} of ${stages.length} stages`,
        ok: same.length === stages.length,
      },
    ];
  } finally {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }
};

export const repeatBar: Bar = { bars: [15], measure };
