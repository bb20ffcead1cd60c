/** Random acts of random people, many at once, and a restart in between: whatever happens, the promises hold. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { HandView } from '../../server/stage/stage.schema.ts';
import { eventClient } from '../support/event-client.ts';
import type { StageHouse } from '../support/stage-house.ts';
import { openStageHouse, participant, yes } from '../support/stage-house.ts';
import { until } from '../support/wait.ts';

let house: StageHouse;
beforeAll(async () => {
  house = await openStageHouse();
});
afterAll(() => house.close());

const ACTS = ['enter', 'link', 'raise', 'lower', 'invite', 'accept', 'stepDown', 'remove', 'consent', 'look'] as const;
type Act = { act: (typeof ACTS)[number] | 'restart'; who: number };

const acts = fc.array(fc.record({ act: fc.constantFrom(...ACTS), who: fc.nat(9) }), { minLength: 4, maxLength: 8 });
const play = fc.array(fc.oneof({ arbitrary: acts, weight: 9 }, fc.constant<Act[]>([{ act: 'restart', who: 0 }])), {
  minLength: 4,
  maxLength: 10,
});

/** The people of one room: everybody who was ever let in, and what the house gave them. */
const company = (slug: string, liveSessionId: string) => {
  const listeners: Ticket[] = [];
  const speakers: Ticket[] = [];
  const hands: { owner: Ticket; hand: HandView }[] = [];
  const pick = <T>(list: readonly T[], who: number): T | undefined => list[who % Math.max(1, list.length)];
  const post = <T>(path: string, as: Ticket | string, body?: unknown) =>
    house.call<T>('POST', `/rooms/${slug}/${path}`, { as, body });

  const perform = async ({ act, who }: Act): Promise<void> => {
    const listener = pick(listeners, who);
    const speaker = pick(speakers, who);
    const up = pick(hands, who);
    if (act === 'restart') await house.restart();
    if (act === 'enter') listeners.push(await house.listener(slug));
    if (act === 'link') speakers.push(await house.speaker(slug, `Guest ${who}`, who % 2 ? yes : undefined));
    if (act === 'look') {
      house.pass(2000);
      const there = speakers.filter((_, index) => index % 3 !== who % 3);
      house.look(
        liveSessionId,
        there.map(({ identity }) => participant(identity)),
      );
    }
    if (act === 'raise' && listener) {
      const { status, body } = await post<HandView>('hands', listener);
      if (status === 201) hands.push({ owner: listener, hand: body });
    }
    if (act === 'lower' && up) await house.call('DELETE', `/rooms/${slug}/hands/${up.hand.handId}`, { as: up.owner });
    if (act === 'invite' && up) await post(`hands/${up.hand.handId}/invite`, 'ida');
    if (act === 'accept' && up) {
      const { status, body } = await post<Ticket>(`hands/${up.hand.handId}/accept`, up.owner, {});
      if (status === 201) speakers.push(body);
    }
    if (act === 'stepDown' && speaker) {
      const { status, body } = await post<Ticket>('step-down', speaker);
      if (status === 201) listeners.push(body);
    }
    if (act === 'remove' && speaker) await post(`seats/${speaker.seatId}/remove`, 'ida');
    if (act === 'consent' && speaker) await post('consent', speaker, yes);
  };
  return { listeners, speakers, perform };
};

it('whatever people do at once: rows, book and views agree, and no listening identity ever publishes', async () => {
  await fc.assert(
    fc.asyncProperty(play, async (rounds) => {
      const { slug, liveSessionId } = await house.liveRoom({ recordingArmed: true });
      const { listeners, speakers, perform } = company(slug, liveSessionId);
      listeners.push(await house.listener(slug), await house.listener(slug));
      for (const round of rounds) await Promise.all(round.map(perform));

      const client = await eventClient(await house.hostTicket(slug));
      const { seatBook } = house.running().stage.stage;
      const where = { liveSessionId, state: { not: 'ended' } };
      const rows = await until(async () => {
        const found = await house.database.prisma.seat.findMany({ where, include: { consents: true } });
        return client
          .view()
          .seats.every(({ seatId, state }) => found.some((row) => row.id === seatId && row.state === state))
          ? found
          : undefined;
      });
      expect(
        client
          .view()
          .seats.map(({ seatId }) => seatId)
          .toSorted(),
      ).toEqual(rows.map(({ id }) => id).toSorted());
      const up = await house.database.prisma.hand.findMany({ where: { liveSessionId } });
      expect(
        client
          .view()
          .hands.map(({ handId }) => handId)
          .toSorted(),
      ).toEqual(up.map(({ id }) => id).toSorted());

      for (const { identity } of listeners) expect(seatBook.liveSeat(identity)).toBeUndefined();
      for (const { identity } of speakers) {
        const row = rows.find((found) => found.identity === identity);
        const admitted = seatBook.liveSeat(identity);
        expect(admitted?.mayPublish ?? false).toBe((row?.consents.length ?? 0) > 0);
        expect(admitted === undefined).toBe(row === undefined);
      }
      const identities = [...listeners, ...speakers].map(({ identity }) => identity);
      expect(new Set(identities).size).toBe(identities.length);
      client.close();
    }),
    { numRuns: 15, endOnFailure: true },
  );
});
