import { expect, it } from 'vitest';
import { trackProgress, type RenderProgress } from './progress.ts';

it('progress never falls, and the time left is not guessed at the very start', () => {
  const seen: RenderProgress[] = [];
  let now = 0;
  const track = trackProgress(
    (progress) => seen.push(progress),
    () => now,
  );
  track('probe');
  const part = track('align', 2);
  now = 10_000;
  part(0, 1);
  part(1, 1);
  part(1, 0.2);
  track('ready');
  expect(seen.map(({ percent }) => percent)).toEqual([0, 5, 15, 25, 25, 100]);
  expect(seen[0]!.etaMs).toBeNull();
  expect(seen[3]).toEqual({ step: 'align', percent: 25, etaMs: 30_000 });
  expect(seen.at(-1)).toEqual({ step: 'ready', percent: 100, etaMs: 0 });
});
