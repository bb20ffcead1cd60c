import { expect, it } from 'vitest';
import englishFile from './en.json' with { type: 'json' };
import italianFile from './it.json' with { type: 'json' };

const english: Record<string, string> = englishFile;
const italian: Record<string, string> = italianFile;
const places = (text: string | undefined) =>
  [...(text ?? '').matchAll(/\{(\w+)\}/g)].map((match) => match[1]).toSorted();

it('every sentence exists in both languages with the same places to fill', () => {
  expect(Object.keys(italian)).toEqual(Object.keys(english));
  for (const key of Object.keys(english)) expect(places(italian[key]), key).toEqual(places(english[key]));
});

it('no sentence shouts, says oops or speaks of users', () => {
  for (const text of [...Object.values(english), ...Object.values(italian)].slice(1)) {
    expect(text).not.toMatch(/!|\boops\b|\busers?\b|\butent[ei]\b/i);
  }
});
