import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { liveReplay } from '../../server/recording/replay/live-replay.ts';
import { removeReplay } from '../../server/recording/replay/replay-file.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'loggia-replay-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

it('a replay that must not be heard any more is gone with every attempt at it, and no other is', async () => {
  await mkdir(join(dir, 'replay'));
  const names = ['t1.mp3', 't1.json', 't1.mp3.tmp', 't1.mp3.x7.tmp', 't10.mp3', 't10.json'];
  for (const name of names) await writeFile(join(dir, 'replay', name), name);
  await removeReplay(dir, 't1');
  expect(await readdir(join(dir, 'replay'))).toEqual(['t10.json', 't10.mp3']);
  await removeReplay(dir, 't10');
});

it('a replay whose encoder fails is gone when the take has ended, not a moment later', async () => {
  for (let n = 0; n < 10; n++) {
    const replay = liveReplay({ dir, takeId: `t${n}`, ffmpegBin: '/bin/false', warn: () => {} }, 0, false);
    await replay.finish(SAMPLE_RATE);
    expect(await readdir(join(dir, 'replay'))).toEqual([]);
  }
});
