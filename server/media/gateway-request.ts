/**
 * What a request to the gateway may look like, and the request that goes on to LiveKit instead of it. The second is
 * made from nothing: listed parameters of the first with checked values, the verified token, no header of the client.
 */
import { z } from 'zod';
import { Problem } from '../problems.ts';

const flag = z.enum(['0', '1', 'true', 'false']).optional();
const number = z
  .string()
  .regex(/^\d{1,4}$/)
  .optional();
const anything = z.string().optional();

/** What LiveKit needs to serve a client (livekit-client 2.23, rtc-node 1.1). */
const forwardedSchema = z.object({
  protocol: number,
  client_protocol: number,
  sdk: z
    .string()
    .regex(/^[a-z0-9]{1,20}$/)
    .optional(),
  version: z
    .string()
    .regex(/^[\w.+-]{1,40}$/)
    .optional(),
  auto_subscribe: flag,
  adaptive_stream: flag,
  disable_ice_lite: flag,
  subscriber_allow_pause: flag,
  reconnect: flag,
  reconnect_reason: number,
  sid: z
    .string()
    .regex(/^PA_\w{1,40}$/)
    .optional(),
});

/** Sent by clients, about the person's machine: accepted and forgotten. */
const droppedSchema = z.object({
  os: anything,
  os_version: anything,
  browser: anything,
  browser_version: anything,
  device_model: anything,
  network: anything,
  capabilities: anything,
  auto_subscribe_data_track: anything,
});

/** Everything else is refused, `publish` and `join_request` first of all: `publish=x` makes a second participant. */
const querySchema = z.strictObject({
  access_token: anything,
  ...droppedSchema.shape,
  ...forwardedSchema.shape,
});

export type GatewayRequest = { token: string; parameters: URLSearchParams };

type Incoming = { url?: string; headers: { authorization?: string; origin?: string } };

const parseQuery = (text: string): z.output<typeof querySchema> => {
  const entries = [...new URLSearchParams(text)];
  const query = querySchema.safeParse(Object.fromEntries(entries));
  if (!query.success || new Set(entries.map(([name]) => name)).size !== entries.length) throw new Problem('not-found');
  return query.data;
};

const tokenOf = (header: string | undefined, parameter: string | undefined): string => {
  const fromHeader = header === undefined ? undefined : /^Bearer (\S+)$/.exec(header)?.[1];
  if ((header === undefined) === (parameter === undefined)) throw new Problem('media-refused');
  const token = fromHeader ?? parameter;
  if (!token || token.length > 4096) throw new Problem('media-refused');
  return token;
};

/**
 * Reads a request for exactly `path`. Throws `not-found` for any other spelling of it and for parameters that are not
 * listed, `media-refused` for a foreign Origin and for anything but one token. Programs send no Origin.
 */
export const parseGatewayRequest = (incoming: Incoming, path: string, ownOrigin: string): GatewayRequest => {
  const [spelling, ...rest] = (incoming.url ?? '').split('?');
  // The router also finds this route under encoded and trailing spellings.
  if (spelling !== path) throw new Problem('not-found');
  const { authorization, origin } = incoming.headers;
  if (origin !== undefined && origin !== ownOrigin) throw new Problem('media-refused');
  const query = parseQuery(rest.join('?'));
  const parameters = new URLSearchParams();
  for (const name of forwardedSchema.keyof().options) {
    const value = query[name];
    if (value !== undefined) parameters.set(name, value);
  }
  return { token: tokenOf(authorization, query.access_token), parameters };
};

/** LiveKit's own address of the signalling, which keeps a path prefix of an outside server. */
export const upstreamUrl = (livekitUrl: string, parameters: URLSearchParams): string => {
  const url = new URL(livekitUrl.replace(/^http/, 'ws'));
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/rtc`;
  url.search = parameters.toString();
  return url.href;
};
