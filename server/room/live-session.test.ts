import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Problem } from '../problems.ts';
import type { LiveSession, LiveSessionEvent } from './live-session.ts';
import { LIVE_SESSION_EDGES, stepLiveSession } from './live-session.ts';

const events = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('start' as const), at: fc.date({ noInvalidDate: true }) }),
    fc.record({
      type: fc.constant('end' as const),
      at: fc.date({ noInvalidDate: true }),
      reason: fc.constantFrom('host' as const, 'empty' as const, 'maximum' as const, 'failed' as const),
    }),
  ),
  { maxLength: 12 },
);

const scheduled = { id: 'x', roomId: 'y', state: 'scheduled' } as const;

it('no sequence of events leaves the table of edges', () => {
  fc.assert(
    fc.property(events, (sequence) => {
      let session: LiveSession = scheduled;
      for (const event of sequence) {
        const next = stepLiveSession(session, event);
        const edge = LIVE_SESSION_EDGES.find(({ from, event: type }) => from === session.state && type === event.type);
        if (next instanceof Problem) {
          expect(edge).toBeUndefined();
        } else {
          expect(next.state).toBe(edge?.to);
          session = next;
        }
      }
    }),
  );
});

it('what has ended stays as it ended', () => {
  fc.assert(
    fc.property(events, (sequence) => {
      const ended = stepLiveSession(scheduled, { type: 'end', at: new Date(0), reason: 'failed' });
      const last = sequence.reduce<LiveSession | Problem>((session, event: LiveSessionEvent) => {
        const next = session instanceof Problem ? session : stepLiveSession(session, event);
        return next instanceof Problem ? session : next;
      }, ended);
      expect(last).toEqual(ended);
    }),
  );
});
