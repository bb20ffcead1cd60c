import { expect, it } from 'vitest';
import { announcer } from './announcer.svelte.ts';

it('what is said twice is heard twice', () => {
  announcer.say('Copied');
  const first = announcer.polite;
  announcer.say('Copied');
  expect(announcer.polite).not.toBe(first);
  expect(announcer.polite.trim()).toBe('Copied');
});
