import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import { render, type RenderInput, type RenderProgress } from '../../server/recording/render/render.ts';
import type { RecordingTimeline } from '../../server/recording/timeline.schema.ts';
import { makeRecording } from '../support/raw-tracks.ts';
import { services } from '../support/services.ts';
import { ADA, BO, speak } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const { ffmpegBin } = services();
let original: { dir: string; timeline: RecordingTimeline };
let expected: string[];

/** The same recording in a new folder, with nothing rendered. */
const fresh = async (): Promise<RenderInput> => {
  const dir = await mkdtemp(join(tmpdir(), 'loggia-resume-'));
  await cp(join(original.dir, 'raw'), join(dir, 'raw'), { recursive: true });
  return { timeline: original.timeline, dir, ffmpegBin, job: 'job', tags: { title: 'Again' } };
};

const hashes = async (input: RenderInput, onProgress?: (progress: RenderProgress) => void): Promise<string[]> =>
  (await render(input, { onProgress })).renditions.map(({ sha256 }) => sha256);

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const childrenOf = async (folder: string): Promise<number[]> => {
  const lines = await readFile(join(folder, 'children.jsonl'), 'utf8').catch(() => '');
  return [...lines.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid));
};

beforeAll(async () => {
  const takes = [
    { tracks: [{ speaker: 'Ada', pcm: speak(ADA, 12, -20) }] },
    { tracks: [{ speaker: 'Bo', pcm: speak(BO, 12, -34) }] },
  ];
  original = await makeRecording(ffmpegBin, takes);
  expected = await hashes(await fresh());
});

it('the same recording rendered twice gives the same bytes', async () => {
  expect(await hashes(await fresh())).toEqual(expected);
});

it('a finished render is found, not done again', async () => {
  const input = await fresh();
  await hashes(input);
  const steps = new Set<string>();
  expect(await hashes(input, ({ step }) => steps.add(step))).toEqual(expected);
  expect([...steps]).toEqual(['probe', 'ready']);
});

it('another title changes the files and their folder but not the master', async () => {
  const input = await fresh();
  const before = await render(input);
  const after = await render({ ...input, tags: { title: 'Renamed' } });
  expect(after.masterFile).not.toBe(before.masterFile);
  expect(after.renditions.map(({ sha256 }) => sha256)).not.toEqual(expected);
  expect((await stat(after.masterFile)).ino).toBe((await stat(before.masterFile)).ino);
});

describe('killed outright', () => {
  it.each(['probe', 'align', 'mix', 'master', 'encode', 'peaks', 'verify'])(
    'in %s, it goes on from there to the same bytes and leaves no process',
    async (killedIn) => {
      const input = await fresh();
      const child = spawn(process.execPath, ['test/support/render.main.ts', JSON.stringify(input)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const line of createInterface(child.stdout)) if (line.startsWith(killedIn)) break;
      child.kill('SIGKILL');
      await once(child, 'exit');
      const work = join(input.dir, 'work');
      const started = await childrenOf(join(work, 'job-1'));
      const master = (await readdir(work)).find((name) => /^master-.*\.flac$/.test(name));
      const masterDone = master && (await stat(join(work, master))).ino;

      const resumed = await render({ ...input, attempt: 2 });
      expect(resumed.renditions.map(({ sha256 }) => sha256)).toEqual(expected);
      await until(() => !started.some(isAlive), { what: 'the killed attempt has left no ffmpeg' });
      if (masterDone) expect((await stat(resumed.masterFile)).ino).toBe(masterDone);
      expect((await readdir(work)).filter((name) => !name.startsWith('probe-'))).toEqual([]);
    },
  );
});

describe('aborted', () => {
  it.each(['align', 'master', 'encode', 'verify'] as const)(
    'in %s, it stops within a second, leaves no process, and can be taken up again',
    async (abortedIn) => {
      const input = await fresh();
      const control = new AbortController();
      let told = 0;
      let abortedAt = 0;
      let started: Promise<number[]> = Promise.resolve([]);
      const onProgress = ({ step }: RenderProgress) => {
        if (step !== abortedIn || ++told !== 2) return;
        abortedAt = performance.now();
        started = childrenOf(join(input.dir, 'work/job-1'));
        control.abort(new Error('superseded'));
      };
      await expect(render(input, { signal: control.signal, onProgress })).rejects.toThrow('superseded');
      expect(performance.now() - abortedAt).toBeLessThan(1000);
      expect((await started).filter(isAlive)).toEqual([]);
      expect(await hashes({ ...input, attempt: 2 })).toEqual(expected);
    },
  );
});

it('progress rises to 100 and names every step once', async () => {
  const seen: RenderProgress[] = [];
  await hashes(await fresh(), (progress) => seen.push(progress));
  const percents = seen.map(({ percent }) => percent);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  const steps = seen.map(({ step }) => step).filter((step, i, all) => step !== all[i - 1]);
  expect(steps).toEqual(['probe', 'align', 'mix', 'master', 'encode', 'peaks', 'verify', 'ready']);
});
