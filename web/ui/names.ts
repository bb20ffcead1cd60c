import { intlTag } from './intl-tag.ts';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The letter that stands in a niche: the first grapheme of the name, in upper case. */
export const initialOf = (name: string): string => {
  const first = segmenter.segment(name.trim())[Symbol.iterator]().next().value;
  return first ? first.segment.toLocaleUpperCase() : '';
};

/** "Ada, Bo and Cleo", in the way of the language. */
export const namesInWords = (names: readonly string[], locale: string): string =>
  new Intl.ListFormat(intlTag(locale), { type: 'conjunction' }).format(names);
