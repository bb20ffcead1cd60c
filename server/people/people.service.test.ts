import { expect, it } from 'vitest';
import { peopleService } from './people.service.ts';

type Deps = Parameters<typeof peopleService>[0];

const ada = { id: 'a', name: 'Ada', isOwner: false };

/** One host, whose logins are rows in memory, and a database that goes away. */
const house = () => {
  let isAway = false;
  const rows = new Set<string>();
  const ask = <T>(answer: T): Promise<T> =>
    isAway ? Promise.reject(Object.assign(new Error('away'), { code: 'P1001' })) : Promise.resolve(answer);
  const people = peopleService({
    hosts: { byName: () => ask({ ...ada, passwordHash: 'p' }) },
    logins: {
      create: ({ tokenHash }: { tokenHash: string }) => ask(void rows.add(tokenHash)),
      remove: (tokenHash: string) => ask(void rows.delete(tokenHash)),
      removeExpired: () => ask(undefined),
      hostOf: (tokenHash: string) => ask(rows.has(tokenHash) ? { host: ada, expiresAt: new Date(8e15) } : undefined),
    },
    passwords: { verify: async () => true },
    clock: { now: () => new Date(0) },
  } as unknown as Deps);
  return { people, away: () => void (isAway = true) };
};

it('a login that a new one has replaced ends nothing any more while the database is away', async () => {
  const { people, away } = house();
  const first = await people.signIn('Ada', 'p', undefined);
  await people.actorOfLogin(first.token, 'stopRecording');
  const second = await people.signIn('Ada', 'p', first.token);
  await people.actorOfLogin(second.token, 'stopRecording');
  away();
  expect(await people.actorOfLogin(second.token, 'stopRecording')).toMatchObject({ hostId: 'a' });
  await expect(people.actorOfLogin(first.token, 'stopRecording')).rejects.toThrow('away');
});
