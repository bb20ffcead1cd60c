import { peopleChapter } from '../../server/people/chapter.ts';
import type { Scope } from '../../server/people/scopes.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { randomId } from '../../server/platform/ids.ts';
import type { TestApp } from './app.ts';

/** Whatever JSON the route answered; a test says by its expectations what it should be. */
export type Parsed = ReturnType<typeof JSON.parse>;
export type Answer = { status: number; body: Parsed; headers: Record<string, unknown> };
export type Asking = {
  token?: string;
  visit?: string;
  cookie?: string;
  headers?: Record<string, string>;
  body?: object;
};

/** Asks the app without a socket. `visit` and `token` go into Authorization. */
export const ask = async (
  { app, config }: TestApp,
  method: string,
  url: string,
  asking: Asking = {},
): Promise<Answer> => {
  const { token, visit, cookie, body } = asking;
  const response = await app.inject({
    method: method as 'GET',
    url,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(visit && { authorization: `Visit ${visit}` }),
      ...(cookie && { cookie, origin: new URL(config.publicUrl).origin }),
      ...asking.headers,
    },
    ...(body && { payload: body }),
  });
  const isJson = /json/.test(String(response.headers['content-type']));
  return { status: response.statusCode, body: isJson ? response.json() : response.body, headers: response.headers };
};

export type TestHost = { id: string; name: string; token: string; password: string };

/** A host account with an API token, as `npm run admin` would make them. */
export const makeHost = async (app: TestApp, name: string, scopes?: Scope[]): Promise<TestHost> => {
  const { people } = peopleChapter({ config: app.config, database: app.database, clock: systemClock });
  const password = randomId();
  const { id } = await people.createHost(name, password);
  const { token } = await people.createApiToken({ hostName: name, name: 'test', days: 1, scopes });
  return { id, name, token, password };
};

/**
 * A room of this host, live unless told otherwise. Returns its slug and, when live, the live session's id. Recording is
 * off unless the policy says so: an armed room has a capture process, which outlives the server.
 */
export const makeRoom = async (
  app: TestApp,
  host: TestHost,
  options: { title?: string; policy?: object; live?: boolean } = {},
): Promise<{ slug: string; liveSessionId: string }> => {
  const { title = 'Evening in the loggia', policy = {}, live = true } = options;
  const room = await ask(app, 'POST', '/api/v1/rooms', {
    token: host.token,
    body: { title, policy: { recordingArmed: false, ...policy } },
  });
  if (!live) return { slug: room.body.slug, liveSessionId: '' };
  const session = await ask(app, 'POST', `/api/v1/rooms/${room.body.slug}/live-session`, {
    token: host.token,
    headers: { 'idempotency-key': randomId() },
  });
  return { slug: room.body.slug, liveSessionId: session.body.id };
};
