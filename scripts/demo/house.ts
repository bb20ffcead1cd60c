/** The demo as a client of the API: a host of its own, over the same routes that everybody uses. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { problemSchema } from '../../server/platform/problem.schema.ts';
import { episodeSchema } from '../../server/publication/episode.schema.ts';
import { recordingSchema } from '../../server/recording/recording.schema.ts';
import { roomSchema, speakLinkSchema } from '../../server/room/room.schema.ts';
import { ticketSchema } from '../../server/room/ticket.schema.ts';
import type { ConsentAnswer, Ticket } from '../../server/room/ticket.schema.ts';
import type { Stack } from '../stack.ts';

const accountSchema = z.object({ name: z.string(), password: z.string() });

/** What a link of ours carries in its fragment. */
const fragmentOf = (url: string, name: string): string =>
  new URLSearchParams(new URL(url).hash.slice(1)).get(name) ?? '';

/** How long a server that was killed may take to be there again. */
const PATIENCE_MS = 20_000;

/** A connection that breaks since the server is started again is made once more: repeated orders carry the same key. */
const patientFetch = async (url: string, init: RequestInit): Promise<Response> => {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await fetch(url, init);
    } catch (error) {
      // What fetch throws when there was no answer
      if (!(error instanceof TypeError) || performance.now() > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
};

const request = async (url: string, init: RequestInit): Promise<Response> => {
  const response = await patientFetch(url, init);
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  const problem = problemSchema.safeParse(body).data;
  throw new Error(
    `${init.method} ${new URL(url).pathname}: ${response.status} ${problem?.detail ?? problem?.title ?? ''}`,
  );
};

const jsonInit = (method: string, body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method,
  headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  body: body === undefined ? undefined : JSON.stringify(body),
});

/** Signs in, with an account kept beside the demo's database and made at the first run through the set-up link. */
const signIn = async ({ baseUrl, config, setupLink }: Stack): Promise<string> => {
  const file = join(config.dataDir, 'demo-host.json');
  const link = setupLink();
  const send = async (path: string, body: unknown): Promise<string> => {
    const response = await request(`${baseUrl}/manage/api/v1/${path}`, jsonInit('POST', body, { origin: baseUrl }));
    return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  };
  if (existsSync(file)) return send('sign-in', accountSchema.parse(JSON.parse(readFileSync(file, 'utf8'))));
  if (!link)
    throw new Error(`The demo's database has a host already, but ${file} is missing: remove ${config.dataDir}`);
  const account = { name: 'Demo', password: randomBytes(18).toString('base64url') };
  const cookie = await send('set-up', { secret: fragmentOf(link, 'secret'), ...account });
  writeFileSync(file, JSON.stringify(account), { mode: 0o600 });
  return cookie;
};

/** Every call of the demo, typed by the API's own schemas; each throws the Problem's sentence. */
export const openHouse = async (stack: Stack) => {
  const { baseUrl } = stack;
  const cookie = await signIn(stack);
  const host = async <T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> => {
    const headers = { cookie, origin: baseUrl, 'idempotency-key': randomBytes(12).toString('hex') };
    const response = await request(`${baseUrl}/manage/api/v1${path}`, jsonInit(method, body, headers));
    return schema.parse(await response.json());
  };
  const visitor = async <T>(schema: z.ZodType<T>, path: string, visitSecret: string): Promise<T> => {
    const init = jsonInit('POST', {}, { authorization: `Visit ${visitSecret}` });
    return schema.parse(await (await request(`${baseUrl}/api/v1${path}`, init)).json());
  };
  const anybody = async <T>(schema: z.ZodType<T>, path: string, body: unknown): Promise<T> =>
    schema.parse(await (await request(`${baseUrl}/api/v1${path}`, jsonInit('POST', body))).json());

  return {
    createRoom: (title: string, topic: string) =>
      host(roomSchema, 'POST', '/rooms', { title, topic, policy: { recordingArmed: true } }),
    startLiveSession: (slug: string) => host(z.object({ id: z.string() }), 'POST', `/rooms/${slug}/live-session`),
    endLiveSession: (slug: string) => host(z.object({ id: z.string() }), 'POST', `/rooms/${slug}/live-session/end`),
    speakerTicket: async (slug: string, name: string, consent: ConsentAnswer) => {
      const { url } = await host(speakLinkSchema, 'POST', `/rooms/${slug}/speak-links`, { label: name });
      const secret = fragmentOf(url!, 'speak');
      return anybody(ticketSchema, `/rooms/${slug}/speak-links/redeem`, { secret, name, consent });
    },
    renewTicket: (slug: string, { visitSecret }: Ticket) =>
      visitor(ticketSchema, `/rooms/${slug}/tickets/renew`, visitSecret),
    hostTicket: (slug: string, consent: ConsentAnswer) =>
      host(ticketSchema, 'POST', `/rooms/${slug}/host-ticket`, { consent }),
    listenerTicket: (slug: string) => anybody(ticketSchema, `/rooms/${slug}/tickets`, {}),
    startRecording: (slug: string) => host(recordingSchema, 'POST', `/rooms/${slug}/recording/start`),
    pauseRecording: (slug: string) => host(recordingSchema, 'POST', `/rooms/${slug}/recording/pause`),
    resumeRecording: (slug: string) => host(recordingSchema, 'POST', `/rooms/${slug}/recording/resume`),
    mark: (slug: string, label: string) =>
      host(z.object({ id: z.string() }), 'POST', `/rooms/${slug}/recording/marks`, { label }),
    stopRecording: (slug: string) => host(recordingSchema, 'POST', `/rooms/${slug}/recording/stop`),
    /** Whole, or the range in `headers`; throws the Problem's sentence while it is not there. */
    bytesOf: async (url: string, headers: Record<string, string> = {}): Promise<Uint8Array> =>
      (await request(url, { method: 'GET', headers: { ...headers, cookie } })).bytes(),
    recording: (id: string) => host(recordingSchema, 'GET', `/recordings/${id}`),
    publishEpisode: (id: string, title: string, description: string) =>
      host(episodeSchema, 'POST', `/recordings/${id}/episodes`, { title, description }),
  };
};

export type House = Awaited<ReturnType<typeof openHouse>>;
