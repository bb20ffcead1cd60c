import { expect, it } from 'vitest';
import { trackProgress, type RenderProgress } from './progress.ts';

it('progress never falls, and the time left is not guessed at the very start', () => {
  const seen: RenderProgress[] = [];
  let now = 0;
  const track = trackProgress(
    (progress) => seen.push(progress),
    () => now,
  );
  const probe = track('probe');
  probe(0, 1);
  const part = track('align', 2);
  now = 10_000;
  part(0, 1);
  part(1, 1);
  part(1, 0.2);
  track('ready');
  expect(seen.map(({ percent }) => percent)).toEqual([0, 5, 5, 15, 25, 25, 100]);
  expect(seen[0]!.etaMs).toBeNull();
  expect(seen[4]).toEqual({ step: 'align', percent: 25, etaMs: 30_000 });
  expect(seen.at(-1)).toEqual({ step: 'ready', percent: 100, etaMs: 0 });
});

it('what was found done does not make the rest look quick', () => {
  const seen: RenderProgress[] = [];
  let now = 0;
  const track = trackProgress(
    (progress) => seen.push(progress),
    () => now,
  );
  track('probe')(0, 1);
  const part = track('encode');
  now = 10_000;
  part(0, 0.5);
  // 5 % of probing and 17 % of encoding in 10 s, 36 % still to do
  expect(seen.at(-2)).toEqual({ step: 'encode', percent: 47, etaMs: 0 });
  expect(seen.at(-1)!.etaMs).toBe(Math.round((10_000 * 36) / 22));
});
