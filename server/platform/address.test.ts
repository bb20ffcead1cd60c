import { expect, it } from 'vitest';
import { addressKey, networkOf } from './address.ts';

it.each([
  ['203.0.113.9', 56, '203.0.113.9'],
  ['::ffff:203.0.113.9', 56, '203.0.113.9'],
  ['2001:db8:1234:56ff::1', 56, '20010db8123456/56'],
  ['2001:db8:1234:5600:aaaa:bbbb:cccc:dddd', 56, '20010db8123456/56'],
  ['2001:db8:1234:56ff::1', 48, '20010db81234/48'],
  ['fe80::1%eth0', 56, 'fe800000000000/56'],
  ['::1', 48, '000000000000/48'],
  ['not an address', 56, 'unknown'],
] as const)('%s lies in the /%i network %s', (ip, bits, network) => expect(networkOf(ip, bits)).toBe(network));

it('the key that limits count by holds nothing of the address', () => {
  expect(addressKey('203.0.113.9')).toMatch(/^[\w-]{22}$/);
  expect(addressKey('203.0.113.9')).toBe(addressKey('::ffff:203.0.113.9'));
  expect(addressKey('203.0.113.9')).not.toBe(addressKey('203.0.113.8'));
});
