import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Problem } from '../problems.ts';
import { HAND_TABLE, stepHand } from './hand.ts';
import type { Hand, HandEvent } from './hand.ts';

const raised: Hand = {
  handId: 'hand',
  liveSessionId: 'live',
  identity: 'nobody.sees',
  name: 'Amber Finch',
  anonymous: true,
  raisedAt: new Date(0),
  state: 'raised',
};

const event: fc.Arbitrary<HandEvent> = fc.constantFrom<HandEvent>(
  { type: 'invite', at: new Date(1000) },
  { type: 'accept' },
  { type: 'decline' },
  { type: 'lower' },
  { type: 'dismiss' },
);

it('every step goes where the printed table says, and nowhere else', () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let hand: Hand = raised;
      for (const each of events) {
        const expected = (HAND_TABLE[hand.state] as Partial<Record<HandEvent['type'], Hand['state']>>)[each.type];
        const next = stepHand(hand, each);
        if (next instanceof Problem) expect(expected).toBeUndefined();
        else expect(next.state).toBe(expected);
        if (!(next instanceof Problem)) hand = next;
      }
    }),
  );
});

it('nobody comes to the stage without an invitation', () => {
  expect(stepHand(raised, { type: 'accept' })).toMatchObject({ code: 'not-invited' });
});

it('an invitation is answered once', () => {
  fc.assert(
    fc.property(fc.constantFrom<HandEvent>({ type: 'accept' }, { type: 'decline' }), event, (answer, after) => {
      const invited = stepHand(raised, { type: 'invite', at: new Date(1000) }) as Hand;
      expect(stepHand(stepHand(invited, answer) as Hand, after)).toMatchObject({ code: 'hand-gone' });
    }),
  );
});
