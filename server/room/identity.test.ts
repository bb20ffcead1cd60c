import { expect, it } from 'vitest';
import { randomId } from '../platform/ids.ts';
import { mintAudienceIdentity, seatIdentity, seatIdOf, verifyAudienceIdentity } from './identity.ts';
import { mac } from './mac.ts';

const secret = 'a secret of the house that the media server does not know';
const live = randomId();

it('an identity is 128 random bits and a tag, and is verified as the role it was minted for', () => {
  for (const role of ['anonymous', 'listener'] as const) {
    const identity = mintAudienceIdentity(secret, live, role);
    expect(identity).toMatch(/^[\w-]{22}\.[\w-]{22}$/);
    expect(verifyAudienceIdentity(secret, live, identity)).toBe(role);
  }
});

it('a tag of another live session, another secret or with one bit changed is refused', () => {
  const identity = mintAudienceIdentity(secret, live, 'anonymous');
  expect(verifyAudienceIdentity(secret, randomId(), identity)).toBeUndefined();
  expect(verifyAudienceIdentity(`${secret}!`, live, identity)).toBeUndefined();
  const first = identity.startsWith('A') ? 'B' : 'A';
  expect(verifyAudienceIdentity(secret, live, first + identity.slice(1))).toBeUndefined();
  expect(verifyAudienceIdentity(secret, live, `${identity}A`)).toBeUndefined();
  expect(verifyAudienceIdentity(secret, live, seatIdentity(randomId()))).toBeUndefined();
});

it('two identities share nothing', () => {
  const [a, b] = [0, 1].map(() => mintAudienceIdentity(secret, live, 'anonymous').split('.'));
  expect(a?.[0]).not.toBe(b?.[0]);
  expect(a?.[1]).not.toBe(b?.[1]);
});

it('parts that only differ in where one ends and the next begins have different tags', () => {
  expect(mac(secret, 'visit-secret', 'ab', 'c')).not.toBe(mac(secret, 'visit-secret', 'a', 'bc'));
  expect(mac(secret, 'visit-secret', 'a')).not.toBe(mac(secret, 'socket-ticket', 'a'));
});

it('a seat identity names its seat and nothing else does', () => {
  const seatId = randomId();
  expect(seatIdOf(seatIdentity(seatId))).toBe(seatId);
  expect(seatIdOf(mintAudienceIdentity(secret, live, 'anonymous'))).toBeUndefined();
  expect(seatIdOf('rec_whatever')).toBeUndefined();
});
