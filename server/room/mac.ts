import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a MAC is for; two purposes never verify each other's tags. */
export type MacPurpose = 'audience-identity' | 'visit-secret' | 'socket-ticket' | 'receipt-track';

// Every part is preceded by its length in bytes (4, big-endian): ('ab','c') and ('a','bc') must not collide.
const lengthPrefixed = (parts: readonly string[]): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );

/** The first 128 bits of HMAC-SHA256 over (purpose, parts…), length-prefixed, as 22 characters of base64url. */
export const mac = (secret: string, purpose: MacPurpose, ...parts: string[]): string =>
  createHmac('sha256', secret)
    .update(lengthPrefixed([purpose, ...parts]))
    .digest()
    .subarray(0, 16)
    .toString('base64url');

/** Compares two tags without telling by the time taken where they differ. */
export const sameMac = (expected: string, given: string): boolean => {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
};
