import { expect, it } from 'vitest';
import { randomId } from '../platform/ids.ts';
import { mintAudienceIdentity, seatIdentity } from './identity.ts';
import { mac } from './mac.ts';
import type { Visit } from './visit.ts';
import { openVisit, sealVisit, socketTickets } from './visit.ts';

const secret = 'a secret of the house that the media server does not know';
const live = randomId();
const anonymous: Visit = {
  liveSessionId: live,
  role: 'anonymous',
  identity: mintAudienceIdentity(secret, live, 'anonymous'),
  displayName: null,
};
const speaker: Visit = {
  liveSessionId: live,
  role: 'speaker',
  identity: seatIdentity(randomId()),
  displayName: 'Zoë – “Zed” . 日本',
};

it('a visit secret opens to the visit it was sealed over, whatever the name', () => {
  for (const visit of [anonymous, speaker]) expect(openVisit(secret, sealVisit(secret, visit))).toEqual(visit);
});

it('a visit secret that was touched anywhere opens to nothing', () => {
  const sealed = sealVisit(secret, anonymous);
  for (const changed of [
    sealed.replace('anonymous', 'moderator'),
    sealed.replace(live, randomId()),
    sealed.slice(0, -1),
    `${sealed}A`,
    '',
    'v1',
    'v1.....',
  ]) {
    expect(openVisit(secret, changed)).toBeUndefined();
  }
  expect(openVisit('another secret', sealed)).toBeUndefined();
});

it('a listener identity under a role of the stage opens to nothing, even well sealed', () => {
  expect(openVisit(secret, sealVisit(secret, { ...anonymous, role: 'moderator' }))).toBeUndefined();
  expect(openVisit(secret, sealVisit(secret, { ...speaker, role: 'anonymous' }))).toBeUndefined();
});

it('a socket ticket opens one connection and no second', () => {
  const tickets = socketTickets({ secret, clock: { now: () => new Date(1_000_000) } });
  const ticket = tickets.issue(speaker);
  expect(ticket).toMatch(/^[\w.-]+$/); // what a WebSocket subprotocol may hold (RFC 9110 token)
  expect(tickets.spend(ticket)).toEqual(speaker);
  expect(tickets.spend(ticket)).toBeUndefined();
});

it('a socket ticket is worthless after 30 seconds', () => {
  let now = 1_000_000;
  const tickets = socketTickets({ secret, clock: { now: () => new Date(now) } });
  const [early, late] = [tickets.issue(anonymous), tickets.issue(anonymous)];
  now += 29_999;
  expect(tickets.spend(early)).toEqual(anonymous);
  now += 1;
  expect(tickets.spend(late)).toBeUndefined();
  expect(tickets.spend(early)).toBeUndefined();
});

it('a visit secret is no socket ticket and the reverse', () => {
  const tickets = socketTickets({ secret, clock: { now: () => new Date(0) } });
  expect(tickets.spend(sealVisit(secret, anonymous))).toBeUndefined();
  expect(openVisit(secret, tickets.issue(anonymous))).toBeUndefined();
  const forged = `k1.zzzzzzzz.nonce.${live}.anonymous.${anonymous.identity}.-`;
  expect(tickets.spend(`${forged}.${mac(secret, 'visit-secret', forged)}`)).toBeUndefined();
});
