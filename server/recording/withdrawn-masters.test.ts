import { expect, it } from 'vitest';
import type { HeldMaster } from './withdrawn-masters.store.ts';
import { deadFolders, kindOfNext, replacements } from './withdrawn-masters.ts';

const master = (id: string, over: Partial<HeldMaster> = {}): HeldMaster => ({
  ...{ id, kind: 'whole', title: null, preset: 'speech', state: 'ready', used: false, folders: [`publish/${id}`] },
  cut: [{ takeId: 'one', fromMs: 0, toMs: 1000 }],
  ...over,
});
const both = [
  { takeId: 'one', fromMs: 0, toMs: 1000 },
  { takeId: 'two', fromMs: 0, toMs: 500 },
];
const names = (masters: HeldMaster[]) => replacements(masters).map(({ old, by }) => [old.id, by?.id]);

it('a withdrawn master is missed when it is the newest of all takes, a cut, or played by an episode', () => {
  const masters = [
    master('clip', { kind: 'clip', state: 'withdrawn', used: true }),
    master('cut', { kind: 'cut', state: 'withdrawn', cut: [{ takeId: 'one', fromMs: 5, toMs: 9 }] }),
    master('newest', { state: 'withdrawn', cut: both }),
    master('played', { state: 'withdrawn', used: true }),
    master('forgotten', { state: 'withdrawn', cut: [{ takeId: 'one', fromMs: 0, toMs: 400 }] }),
  ];
  expect(names(masters)).toEqual([
    ['cut', undefined],
    ['newest', undefined],
    ['played', undefined],
  ]);
  expect(kindOfNext(masters[2]!, masters)).toBe('whole');
  expect(kindOfNext(masters[3]!, masters)).toBe('cut');
});

it('what takes its place has the very same ranges and sound, so that no take leaks into an episode', () => {
  const old = master('old', { state: 'withdrawn', used: true });
  const others = [
    master('more takes', { cut: both }),
    master('music', { preset: 'music', kind: 'cut' }),
    master('ended', { state: 'superseded' }),
    master('gone', { state: 'withdrawn' }),
  ];
  expect(names([...others, old])).toEqual([['old', undefined]]);
  expect(names([master('again', { state: 'queued', kind: 'cut' }), ...others, old])).toEqual([['old', 'again']]);
});

it('files go with their master unless a living one shares them', () => {
  const shared = { folders: ['publish/shared'] };
  const masters = [
    master('a', { state: 'withdrawn', ...shared }),
    master('b', { state: 'superseded', ...shared }),
    master('c', { state: 'withdrawn' }),
  ];
  expect(deadFolders(masters)).toEqual(['publish/c']);
});
