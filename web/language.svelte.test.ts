import { expect, it } from 'vitest';
import { chooseLocale } from './language.svelte.ts';

it('the interface speaks the first of the browser’s languages that it knows', () => {
  expect(chooseLocale(['de-AT', 'it-IT', 'en'])).toBe('it');
  expect(chooseLocale(['IT'])).toBe('it');
});

it('otherwise it speaks English', () => {
  expect(chooseLocale(['fr', 'de'])).toBe('en');
  expect(chooseLocale([])).toBe('en');
});
