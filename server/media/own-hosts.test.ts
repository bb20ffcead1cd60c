import { expect, it } from 'vitest';
import { ownHosts } from './own-hosts.ts';

const isOwn = ownHosts(['loggia.example', '203.0.113.9', '[2001:db8::9]']);

it.each(['loggia.example', 'turn.loggia.example', '203.0.113.9', '2001:db8::9', '127.0.0.1', '192.168.1.4', '::1'])(
  '%s is ours',
  (host) => expect(isOwn(host)).toBe(true),
);

it.each(['stun.elsewhere.example', 'notloggia.example', '198.51.100.1', '2001:db8::8', '10.evil.example', ''])(
  '%s is foreign',
  (host) => expect(isOwn(host)).toBe(false),
);
