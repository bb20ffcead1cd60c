import { randomId } from '../platform/ids.ts';

const maxLength = 48;

// Letters that Unicode does not decompose into a base letter and an accent.
const SPELLED: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ł: 'l', þ: 'th', ð: 'd', ı: 'i' };

/**
 * An address made from a title: accents dropped, everything but letters and digits a hyphen, at most 48 characters.
 * A title without a single Latin letter or digit gets a random address.
 */
export const slugFromTitle = (title: string): string => {
  const plain = title
    .toLowerCase()
    .replace(/[ßæœøđłþðı]/g, (letter) => SPELLED[letter] ?? '')
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxLength)
    .replace(/^-+|-+$/g, '');
  return plain.length >= 2 ? plain : `room-${randomSuffix(8)}`;
};

/** The next address to try when `slug` is taken. */
export const slugVariant = (slug: string, attempt: number): string =>
  attempt === 0 ? slug : `${slug}-${attempt < 10 ? attempt + 1 : randomSuffix(6)}`;

const randomSuffix = (length: number): string =>
  randomId()
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, length);
