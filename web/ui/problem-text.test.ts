import { expect, it } from 'vitest';
import { PROBLEMS } from '../../server/problems.ts';
import { problemIn } from '../api/client.ts';
import { problemText } from './problem-text.ts';

it('every Problem of the catalogue has words of its own, and a next step', () => {
  const seen = new Set<string>();
  for (const code of Object.keys(PROBLEMS)) {
    const words = problemText({ type: '', title: '', status: 0, code });
    expect(words.what, code).not.toBe('');
    expect(words.next, code).not.toBe('');
    seen.add(words.what);
  }
  expect(seen.size).toBe(Object.keys(PROBLEMS).length);
});

it('what fails in the page itself is told in words, not in those of the browser', () => {
  const words = problemText(problemIn(new TypeError('Failed to fetch dynamically imported module: /x-3f.js')));
  expect(`${words.what} ${words.next}`).not.toContain('module');
  expect(words.next).not.toBe('');
});

it('a code without words keeps the sentences of the server', () => {
  const words = problemText({ type: '', title: 'Something new.', status: 418, code: 'teapot', next: 'Wait for tea.' });
  expect(words).toEqual({ what: 'Something new.', next: 'Wait for tea.' });
});
