/** One byte range of a file, both ends included. */
export type ByteRange = { start: number; end: number };

/**
 * Reads a Range header for a file of `size` bytes (RFC 9110 §14): a range inside the file, `undefined` when the whole
 * file is to be sent (no header, another unit, several ranges or nonsense), `impossible` for 416.
 */
export const parseRange = (header: string | undefined, size: number): ByteRange | 'impossible' | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || size === 0 ? 'impossible' : { start: Math.max(0, size - suffix), end: size - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'impossible';
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
};
