import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { services } from '../support/services.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';
import type { WholeHouse } from '../support/whole-house.ts';
import { startWholeHouse } from '../support/whole-house.ts';

let folder: string;
let whole: WholeHouse;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loggia-house-'));
  whole = await startWholeHouse({ folder });
}, 120_000);
afterAll(async () => {
  await whole.stop();
  await rm(folder, { recursive: true, force: true });
});

it('the house is stopped in the middle of a take: the next start has the take, its master, and the room still live', async () => {
  const { room, speaker } = await whole.evening('Ada');
  const wav = await whole.wav('ada.wav', beeps(1000, 10));
  const { id } = await whole.house.startRecording(room);
  const t0 = Date.now() + 300;
  const talk = speaker.talk(wav, t0, services().ffmpegBin).catch(() => undefined);
  await until(() => Date.now() >= t0 + 5_000, { what: 'five seconds of talk' });
  const stoppedAt = Date.now();
  await whole.stop();
  await talk;
  await speaker.leave().catch(() => undefined);

  whole = await startWholeHouse({ folder });
  const first = await whole.ready(id);
  expect(first.state).toBe('open');
  expect(first.takes.map(({ state, gaps }) => [state, gaps.filter(({ reason }) => reason !== 'stalled')])).toEqual([
    ['closed', []],
  ]);
  expect(Math.abs(Date.parse(first.takes[0]!.stoppedAt!) - stoppedAt)).toBeLessThan(1_000);
  expect(Math.abs(first.master!.durationMs! - first.takes[0]!.durationMs!)).toBeLessThanOrEqual(1);

  await whole.house.startRecording(room);
  await whole.house.stopRecording(room);
  const both = await whole.ready(id);
  expect(both.takes.map(({ state }) => state)).toEqual(['closed', 'closed']);
  expect(both.master!.durationMs).toBeGreaterThan(first.master!.durationMs!);
  await whole.house.endLiveSession(room);
}, 120_000);
