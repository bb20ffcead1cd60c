import { expect, it } from 'vitest';
import type { Action } from './actions.schema.ts';
import { ACTIONS, ROLES } from './actions.schema.ts';
import type { Actor, HostActor } from './actor.ts';
import { mayDo, publicActor } from './actor.ts';
import { SCOPES, scopeAllows } from './scopes.ts';

const owner: HostActor = { kind: 'host', role: 'owner', hostId: 'o', name: 'Ona' };
const visit = (role: 'moderator' | 'speaker' | 'anonymous'): Actor => ({
  kind: 'visit',
  role,
  identity: 'x',
  liveSessionId: 'y',
  displayName: null,
});
const actions = Object.keys(ACTIONS) as Action[];

it('nobody but those listed may do anything', () => {
  expect(mayDo(publicActor, 'createRoom')).toBe(false);
  expect(mayDo(visit('anonymous'), 'raiseHand')).toBe(true);
  expect(mayDo(visit('anonymous'), 'muteSeat')).toBe(false);
  expect(mayDo(visit('speaker'), 'muteSeat')).toBe(false);
  expect(mayDo(visit('moderator'), 'muteSeat')).toBe(true);
  expect(mayDo(visit('moderator'), 'endLiveSession')).toBe(false);
});

it('the owner of the instance is a host in their own rooms', () => {
  for (const action of actions) expect(mayDo(owner, action)).toBe(mayDo({ ...owner, role: 'host' }, action));
});

it('every action that hosts have and the public has not belongs to exactly one scope of API tokens', () => {
  const hostly = actions.filter((action) => mayDo(owner, action) && !mayDo(publicActor, action));
  const perSession: Action[] = ['signOut', 'renewTicket', 'answerConsent'];
  for (const action of hostly.filter((one) => !perSession.includes(one))) {
    expect([action, SCOPES.filter((scope) => scopeAllows([scope], action)).length]).toEqual([action, 1]);
  }
  for (const action of perSession) expect(scopeAllows(SCOPES, action)).toBe(false);
});

it('a token without a scope cannot do what the scope is for', () => {
  const token: HostActor = { ...owner, scopes: ['recordings'] };
  expect(mayDo(token, 'startRecording')).toBe(true);
  expect(mayDo(token, 'createRoom')).toBe(false);
  expect(mayDo(token, 'readInstance')).toBe(true);
});

it('the table knows no other roles than the seven', () => {
  for (const action of actions) expect(ROLES).toEqual(expect.arrayContaining([...ACTIONS[action]]));
});
