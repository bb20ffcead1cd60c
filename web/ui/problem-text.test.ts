import { expect, it } from 'vitest';
import { PROBLEMS } from '../../server/problems.ts';
import { problemIn } from '../api/client.ts';
import { problemText } from './problem-text.ts';

// Met by programs and by the page's own requests only; the server's sentence is shown as it is.
const forPrograms = ['unsupported-media-type', 'idempotency-key-required', 'token-invalid', 'range-impossible'];

it('every Problem a person can meet has words in the catalogue', () => {
  for (const [code, { status, title, next }] of Object.entries(PROBLEMS)) {
    if (forPrograms.includes(code)) continue;
    const words = problemText({ type: '', title: '', status, code });
    expect(words.what, `${code}: ${title} ${next}`).not.toBe('');
  }
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
