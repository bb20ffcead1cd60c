import fc from 'fast-check';
import { expect, it } from 'vitest';
import { slugSchema } from './room.schema.ts';
import { slugFromTitle, slugVariant } from './slug.ts';

it.each([
  ['Città è più bella', 'citta-e-piu-bella'],
  ['Straße & Ærø', 'strasse-aero'],
  ["L'altra metà", 'laltra-meta'],
  ['  --Hello,   World!--  ', 'hello-world'],
  ['Łódź ½ price', 'lodz-1-2-price'],
])('the title %s gives the address %s', (title, slug) => expect(slugFromTitle(title)).toBe(slug));

it('a title without Latin letters gets a random address', () => {
  expect(slugFromTitle('日本語')).toMatch(/^room-[a-z0-9]{4,8}$/);
  expect(slugFromTitle('日本語')).not.toBe(slugFromTitle('日本語'));
});

it('every title gives a valid address, and so does every attempt after it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }), fc.nat(14), (title, attempt) => {
      expect(slugSchema.safeParse(slugVariant(slugFromTitle(title), attempt)).success).toBe(true);
    }),
  );
});
