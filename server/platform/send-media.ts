/** Sends files of ours over HTTP as podcast apps and browsers want them: HEAD like GET, strong ETag, real 206 and 416. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problems.ts';
import { addressKey } from './address.ts';
import { parseRange } from './byte-range.ts';
import type { ByteRange } from './byte-range.ts';
import { places } from './places.ts';

export type MediaFile = {
  /** Absolute path, made by us from ids; several are one file to the asker, each beginning where the last ends. */
  path: string | readonly string[];
  mediaType: string;
  /** Says the same only of the same bytes, without quotes: the strong ETag. */
  etag: string;
  cacheControl: string;
  /** Open to every origin: media, peaks and covers of published episodes are; a host's own preview is not. */
  anyOrigin: boolean;
  /** Offered name of a download. */
  downloadName?: string;
  /** To be saved, not played. */
  attachment?: boolean;
};

type Part = { path: string; size: number };

const headersOf = (file: MediaFile, etag: string): Record<string, string> => ({
  'content-type': file.mediaType,
  'accept-ranges': 'bytes',
  'cache-control': file.cacheControl,
  'x-content-type-options': 'nosniff',
  etag,
  ...(file.anyOrigin
    ? { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'content-length, content-range, etag' }
    : {}),
  ...(file.anyOrigin ? { 'cross-origin-resource-policy': 'cross-origin' } : {}),
  ...(file.downloadName
    ? { 'content-disposition': `${file.attachment ? 'attachment' : 'inline'}; filename="${file.downloadName}"` }
    : {}),
});

/** Whether the asker has this version already, by If-None-Match (RFC 9110 §13.1.2: weak comparison). */
export const isKnown = ({ headers }: FastifyRequest, etag: string): boolean =>
  headers['if-none-match']
    ?.split(',')
    .some((candidate) => ['*', etag].includes(candidate.trim().replace(/^W\//, ''))) ?? false;

/** The file is the one named by If-Range, or there is no such condition (RFC 9110 §13.1.5: strong comparison). */
const rangeHolds = (header: string | undefined, etag: string): boolean =>
  header === undefined || header.trim() === etag;

/**
 * Keeps one address from running more than `limit` downloads at once: call it first in a handler. The place is held
 * until the answer is sent or given up. Throws `too-many-requests`.
 */
export const streamsPerAddress = (limit: number) => {
  const streams = places(limit);
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const leave = streams.take(addressKey(request.ip));
    if (!leave) throw new Problem('too-many-requests');
    reply.raw.once('close', leave);
  };
};

const partsOf = async ({ path }: MediaFile): Promise<Part[]> =>
  Promise.all(
    [path].flat().map(async (one) => {
      const info = await stat(one).catch(() => undefined);
      if (!info?.isFile()) throw new Problem('not-found');
      return { path: one, size: info.size };
    }),
  );

/** The bytes from `start` to `end`, both included, of the parts laid end to end. */
async function* bytesOf(parts: readonly Part[], { start, end }: ByteRange): AsyncGenerator<Buffer> {
  let from = 0;
  for (const { path, size } of parts) {
    const [first, last] = [Math.max(start - from, 0), Math.min(end - from, size - 1)];
    if (first <= last) yield* createReadStream(path, { start: first, end: last });
    from += size;
  }
}

const streamOf = (parts: readonly Part[], range: ByteRange): Readable => {
  const [only, ...others] = parts;
  return only && others.length === 0 ? createReadStream(only.path, range) : Readable.from(bytesOf(parts, range));
};

/**
 * Answers `request` with the file or a part of it. Throws `not-found` when the file is missing and `range-impossible`
 * (with Content-Range) when the range lies outside it.
 */
export const sendMedia = async (
  request: FastifyRequest,
  reply: FastifyReply,
  file: MediaFile,
): Promise<FastifyReply> => {
  const parts = await partsOf(file);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const etag = `"${file.etag}"`;
  reply.headers(headersOf(file, etag));
  if (isKnown(request, etag)) return reply.code(304).send();

  const wanted = rangeHolds(request.headers['if-range'] as string | undefined, etag)
    ? request.headers.range
    : undefined;
  const range = parseRange(wanted, size);
  if (range === 'impossible') {
    reply.header('content-range', `bytes */${size}`).removeHeader('etag');
    throw new Problem('range-impossible');
  }
  const sent = range ?? { start: 0, end: size - 1 };
  reply.code(range ? 206 : 200).header('content-length', sent.end - sent.start + 1);
  if (range) reply.header('content-range', `bytes ${sent.start}-${sent.end}/${size}`);
  if (request.method === 'HEAD' || size === 0) return reply.send();
  return reply.send(streamOf(parts, sent));
};
