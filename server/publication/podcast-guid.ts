import { createHash } from 'node:crypto';

/** Namespace of `podcast:guid` (Podcasting 2.0, docs/tags/guid.md). */
const PODCAST_NAMESPACE = 'ead4c236-bf58-58c6-a2c6-a6b28d128cb6';

const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** UUID version 5 (RFC 9562 §5.5): SHA-1 over namespace and name. */
const uuidV5 = (namespace: string, name: string): string => {
  const hash = createHash('sha1').update(bytesOf(namespace)).update(name, 'utf8').digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};

/** The lasting id of a feed: UUIDv5 of its address without scheme and trailing slashes. */
export const podcastGuid = (feedUrl: string): string =>
  uuidV5(PODCAST_NAMESPACE, feedUrl.replace(/^[a-z]+:\/\//i, '').replace(/\/+$/, ''));
