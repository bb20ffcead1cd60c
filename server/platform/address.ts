/**
 * Addresses are counted by, never kept: what limits hold is a keyed hash of the network an address lies in, with a
 * key that lives and dies with the process.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

const processKey = randomBytes(32);

const ipv6Bytes = (ip: string): number[] => {
  const [head = '', tail] = (ip.split('%')[0] ?? '').split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
};

/** The network an address belongs to: the address itself for IPv4, its first `prefixBits` (whole bytes) for IPv6. */
export const networkOf = (ip: string, prefixBits: 48 | 56 = 56): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped ?? isIPv4(ip)) return mapped ?? ip;
  if (!isIPv6(ip)) return 'unknown';
  const bytes = ipv6Bytes(ip).slice(0, prefixBits / 8);
  return `${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}/${prefixBits}`;
};

/** What a limit counts by: a hash that nobody with a copy of the memory's maps can turn back into what it stands for. */
export const limitKey = (text: string): string =>
  createHmac('sha256', processKey).update(text).digest('base64url').slice(0, 22);

export const addressKey = (ip: string, prefixBits: 48 | 56 = 56): string => limitKey(networkOf(ip, prefixBits));
