import { describe, expect, it } from 'vitest';
import type { Ears, Speaking } from './who-speaks.ts';
import { FORGET_MS, NOBODY, forget, hearNamed } from './who-speaks.ts';

/** Ada and Bo are captured, Cy and Dee are not. */
const ears = (loud: string[]): Ears => {
  return (identity) => (['ada', 'bo'].includes(identity) ? (loud.includes(identity) ? 'loud' : 'quiet') : undefined);
};
const names = (speaking: Speaking): string[] => [...speaking.keys()].toSorted();
const after = (messages: [named: string[], loud: string[]][]): string[] =>
  names(messages.reduce((speaking, [named, loud], i) => hearNamed(speaking, named, i * 400, ears(loud)), NOBODY));

describe('who is being heard', () => {
  it('is who was named, also when a later message names only somebody else', () => {
    expect(
      after([
        [['cy'], []],
        [['ada'], ['ada']],
      ]),
    ).toEqual(['ada', 'cy']);
  });

  it('ends with an empty message when one alone was speaking', () => {
    expect(
      after([
        [['cy'], []],
        [[], []],
      ]),
    ).toEqual([]);
  });

  it('a captured voice that falls silent explains an empty message: the other may go on', () => {
    expect(
      after([
        [['cy'], []],
        [['ada'], ['ada']],
        [[], []],
      ]),
    ).toEqual(['cy']);
  });

  it('a captured voice that is still loud explains nothing: it was the other', () => {
    expect(
      after([
        [['cy'], []],
        [['ada'], ['ada']],
        [[], ['ada']],
      ]),
    ).toEqual(['ada']);
  });

  it('of two who are not captured neither is believed silent by an empty message', () => {
    expect(
      after([
        [['cy', 'dee'], []],
        [[], []],
      ]),
    ).toEqual(['cy', 'dee']);
  });

  it('forgets whose microphone is gone, and who was not named for long', () => {
    const speaking = hearNamed(NOBODY, ['cy', 'dee'], 0, ears([]));
    expect(names(forget(speaking, (identity) => identity === 'cy', 100))).toEqual(['cy']);
    expect(names(forget(speaking, () => true, FORGET_MS))).toEqual([]);
  });
});
