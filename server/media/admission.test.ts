import { describe, expect, it } from 'vitest';
import { mintAudienceIdentity } from '../room/identity.ts';
import { admission } from './admission.ts';
import type { LiveSeat } from './admission.ts';

const secret = 'an admission secret of thirty-two chars';

const world = () => {
  const live = new Set(['session', 'other']);
  const seats = new Map<string, LiveSeat>();
  const removed = new Set<string>();
  const { check } = admission({
    registry: { byId: (id) => (live.has(id) ? { liveSessionId: id } : undefined), all: () => [] },
    admissionSecret: secret,
    seats: { liveSeat: (identity) => seats.get(identity), noteSid: () => {} },
    services: { isService: (identity, liveSessionId) => identity === 'rec_1' && liveSessionId === 'session' },
    removals: { isRemoved: (liveSessionId, identity) => removed.has(`${liveSessionId}/${identity}`) },
  });
  return { live, seats, removed, check };
};

describe('admission', () => {
  it('a tagged identity is admitted in its own session and role, and nowhere else', () => {
    const { check } = world();
    for (const role of ['anonymous', 'listener'] as const) {
      const identity = mintAudienceIdentity(secret, 'session', role);
      expect(check({ identity, liveSessionId: 'session' })).toEqual({ ok: true, role, mayPublish: false });
      expect(check({ identity, liveSessionId: 'other' })).toEqual({ ok: false });
      expect(check({ identity: `${identity}#x`, liveSessionId: 'session' })).toEqual({ ok: false });
    }
  });

  it('an identity tagged with another secret, or with none, is refused', () => {
    const { check } = world();
    const forged = mintAudienceIdentity('another secret of at least thirty-two', 'session', 'anonymous');
    for (const identity of [forged, 's_unknown', 'rec_2', '', 'x'.repeat(45)])
      expect(check({ identity, liveSessionId: 'session' })).toEqual({ ok: false });
  });

  it('a removed listener is refused, in that session only', () => {
    const { check, removed } = world();
    const identity = mintAudienceIdentity(secret, 'session', 'anonymous');
    removed.add(`session/${identity}`);
    expect(check({ identity, liveSessionId: 'session' }).ok).toBe(false);
  });

  it('a seat is admitted while it lives, with the right it has now', () => {
    const { check, seats } = world();
    const seat = { seatId: '1', role: 'speaker', liveSessionId: 'session', mayPublish: false } as const;
    seats.set('s_1', seat);
    expect(check({ identity: 's_1', liveSessionId: 'session' })).toEqual({
      ok: true,
      role: 'speaker',
      mayPublish: false,
      seat,
    });
    expect(check({ identity: 's_1', liveSessionId: 'other' }).ok).toBe(false);
    seats.delete('s_1');
    expect(check({ identity: 's_1', liveSessionId: 'session' }).ok).toBe(false);
  });

  it('nobody is admitted to a session that is not live, not even a service', () => {
    const { check, live } = world();
    const identity = mintAudienceIdentity(secret, 'session', 'anonymous');
    expect(check({ identity: 'rec_1', liveSessionId: 'session' })).toMatchObject({ ok: true, role: 'recorder' });
    live.clear();
    for (const name of [identity, 'rec_1']) expect(check({ identity: name, liveSessionId: 'session' }).ok).toBe(false);
  });
});
