import { expect, it } from 'vitest';
import { addressAt, secondsOf } from './moment.ts';

it('reads a shared second in every common form', () => {
  expect(['90', '90.5', '1:30', '1:02:03'].map(secondsOf)).toEqual([90, 90.5, 90, 3723]);
});

it('plays from the beginning when the address says nothing usable', () => {
  expect([null, '', 'soon', '-5', '1:99', '1:2:3:4'].map(secondsOf)).toEqual([null, null, null, null, null, null]);
});

it('shares a whole second, and the bare address from the beginning', () => {
  expect(addressAt('https://loggia.example/e/lamps', 1456.7)).toBe('https://loggia.example/e/lamps?t=1456');
  expect(addressAt('https://loggia.example/e/lamps', 0)).toBe('https://loggia.example/e/lamps');
});
