import { afterEach, expect, it, vi } from 'vitest';
import { dataOf, onceOnly, problemIn, ProblemError } from './client.ts';

afterEach(() => vi.unstubAllGlobals());

const refused = async (body: unknown, status: number) => {
  try {
    return await dataOf(Promise.resolve({ error: body, response: new Response(null, { status }) }));
  } catch (thrown) {
    return problemIn(thrown);
  }
};

it('an answer is its data', async () => {
  await expect(dataOf(Promise.resolve({ data: { rooms: [] }, response: new Response() }))).resolves.toEqual({
    rooms: [],
  });
});

it('a Problem of the server reaches the interface whole', async () => {
  const problem = { type: 'urn:x', title: 'This link was used.', status: 410, code: 'link-spent', requestId: 'req-7' };
  expect(await refused(problem, 410)).toEqual(problem);
});

it('a failure without a Problem, as a proxy sends it, is told as a server that does not answer', async () => {
  expect(await refused('<html>Bad gateway</html>', 502)).toMatchObject({ code: 'unreachable', status: 502 });
});

it('no network is a Problem like any other, not a crash', async () => {
  const asking = Promise.reject(new TypeError('Failed to fetch'));
  await expect(dataOf(asking)).rejects.toBeInstanceOf(ProblemError);
});

it('a request that must not happen twice has a key of its own, on plain http as well', () => {
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const keys = Array.from({ length: 100 }, () => onceOnly()['idempotency-key']);
  expect(new Set(keys).size).toBe(100);
  expect(keys.every((key) => key.length >= 8)).toBe(true);
});
