import { expect, it } from 'vitest';
import type { Problem } from '../problems.ts';
import { passwordHasher } from './password.ts';

it('a password matches its own hash only, and the hash is argon2id', async () => {
  const passwords = passwordHasher();
  const hash = await passwords.hash('correct horse battery');
  expect(hash).toMatch(/^\$argon2id\$/);
  expect(await passwords.verify(hash, 'correct horse battery')).toBe(true);
  expect(await passwords.verify(hash, 'correct horse batterx')).toBe(false);
  expect(await passwords.verify(undefined, 'nobody has this password')).toBe(false);
});

it('two are hashed at a time and ten wait; the next is told that the server is busy', async () => {
  const passwords = passwordHasher();
  const outcomes = await Promise.allSettled(Array.from({ length: 15 }, (_, i) => passwords.hash(`password ${i}`)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Problem);
  expect(refused.map(({ code }) => code)).toEqual(['overloaded', 'overloaded', 'overloaded']);
  expect(await passwords.hash('and then there is room again')).toBeTruthy();
});
