import { describe, expect, it } from 'vitest';
import { grantsFor, isGrantOfRole, looksLikeRole } from './grants.ts';
import type { MediaParticipant } from './port.ts';

const unseen = {
  roomJoin: true,
  room: 'session',
  hidden: true,
  recorder: false,
  agent: false,
  canPublish: false,
  canPublishData: false,
  canPublishSources: [],
  canSubscribe: true,
  canUpdateOwnMetadata: false,
};
const silentOnStage = { ...unseen, hidden: false, canPublishSources: ['microphone'] };

/** The role table, every flag written out. */
const TABLE = {
  host: { ...silentOnStage, canPublish: true },
  moderator: { ...silentOnStage, canPublish: true },
  speaker: { ...silentOnStage, canPublish: true },
  listener: unseen,
  anonymous: unseen,
  recorder: { ...unseen, recorder: true },
} as const;

const roles = Object.keys(TABLE) as (keyof typeof TABLE)[];

describe('grants', () => {
  it.each(roles)('a %s gets exactly the grant of the role table', (role) => {
    expect(grantsFor(role, 'session', { mayPublish: true })).toStrictEqual(TABLE[role]);
  });

  it('nobody on the stage may publish before the right is given, and nobody off it ever', () => {
    for (const role of roles) expect(grantsFor(role, 'session', { mayPublish: false }).canPublish).toBe(false);
    for (const role of ['listener', 'anonymous', 'recorder'] as const)
      expect(grantsFor(role, 'session', { mayPublish: true }).canPublish).toBe(false);
  });

  it('a token from before the right to publish still opens the room, one from after it does not', () => {
    const silent = grantsFor('speaker', 'session', { mayPublish: false });
    const speaking = grantsFor('speaker', 'session', { mayPublish: true });
    expect(isGrantOfRole(silent, 'speaker', { mayPublish: true })).toBe(true);
    expect(isGrantOfRole(speaking, 'speaker', { mayPublish: true })).toBe(true);
    expect(isGrantOfRole(speaking, 'speaker', { mayPublish: false })).toBe(false);
  });

  it('no role can use the grant of a role with other flags', () => {
    const look = (role: keyof typeof TABLE) => JSON.stringify(TABLE[role]);
    for (const holder of roles)
      for (const role of roles) {
        const grant = grantsFor(holder, 'session', { mayPublish: true });
        expect(isGrantOfRole(grant, role, { mayPublish: true }), `${holder} as ${role}`).toBe(
          look(holder) === look(role),
        );
      }
  });

  it('every single flag that differs from the role is noticed in a participant', () => {
    const listener: MediaParticipant = {
      identity: 'i',
      sid: 'PA_1',
      connected: true,
      hidden: true,
      recorder: false,
      agent: false,
      canPublish: false,
      canPublishData: false,
      canSubscribe: true,
      tracks: [],
    };
    expect(looksLikeRole(listener, 'anonymous')).toBe(true);
    for (const change of [
      { hidden: false },
      { recorder: true },
      { agent: true },
      { canPublish: true },
      { canPublishData: true },
    ])
      expect(looksLikeRole({ ...listener, ...change }, 'anonymous'), JSON.stringify(change)).toBe(false);
  });
});
