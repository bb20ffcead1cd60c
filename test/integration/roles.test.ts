import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action, Role } from '../../server/people/actions.schema.ts';
import { ACTIONS, ROLES } from '../../server/people/actions.schema.ts';
import { seatIdentity } from '../../server/room/identity.ts';
import { sealVisit } from '../../server/room/visit.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { Asking, TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';

type Holder = { public: Asking; manage: Asking };

const settings = { SIGN_IN_PER_MINUTE: '100000', TICKET_BURST: '100000' };
const ours = { 'sec-fetch-site': 'same-origin' };
const refusals = new Set(['sign-in-required', 'visit-over', 'not-allowed']);

let first: TestApp;
let app: TestApp;
let holders: Record<Role, Holder>;

const hostHolder = async (server: TestApp, { name, password, token }: TestHost): Promise<Holder> => {
  const answer = await ask(server, 'POST', '/manage/api/v1/sign-in', { headers: ours, body: { name, password } });
  return { public: { token }, manage: { cookie: String(answer.headers['set-cookie']).split(';')[0] } };
};

const visitHolder = (visit: string): Holder => ({ public: { visit }, manage: { visit } });

const ticketOf = async (server: TestApp, slug: string): Promise<string> =>
  (await ask(server, 'POST', `/api/v1/rooms/${slug}/tickets`, { body: { name: 'Lea' } })).body.visitSecret;

const speakerOf = async (server: TestApp, host: TestHost, slug: string): Promise<{ visit: string; seatId: string }> => {
  const url = `/api/v1/rooms/${slug}/speak-links`;
  const link = await ask(server, 'POST', url, { token: host.token, body: { label: 'Sam' } });
  const body = { secret: new URL(link.body.url).hash.replace('#speak=', ''), name: 'Sam' };
  const ticket = (await ask(server, 'POST', `${url}/redeem`, { body })).body;
  return { visit: ticket.visitSecret, seatId: ticket.seatId };
};

beforeAll(async () => {
  const media = fakeMedia();
  first = await startTestApp({ deps: { media }, settings });
  const owner = await makeHost(first, 'Ona');
  const host = await makeHost(first, 'Hal');
  const open = await makeRoom(first, host);
  const named = await makeRoom(first, host, { policy: { anonymousListening: false } });
  const speaker = await speakerOf(first, host, open.slug);
  const moderator = await speakerOf(first, host, open.slug);
  // There is no way to become a moderator yet but by a row; a server that comes back reads it.
  await first.database.prisma.seat.update({ where: { id: moderator.seatId }, data: { role: 'moderator' } });
  const { admissionSecret, databaseUrl } = first.config;
  app = await startTestApp({
    deps: { media, database: first.database },
    settings: { ...settings, ADMISSION_SECRET: admissionSecret, DATABASE_URL: databaseUrl },
  });
  const { liveSessionId } = open;
  const identity = seatIdentity(moderator.seatId);
  holders = {
    owner: await hostHolder(app, owner),
    host: await hostHolder(app, host),
    moderator: visitHolder(
      sealVisit(admissionSecret, { liveSessionId, role: 'moderator', identity, displayName: 'Mo' }),
    ),
    speaker: visitHolder(speaker.visit),
    listener: visitHolder(await ticketOf(app, named.slug)),
    anonymous: visitHolder(await ticketOf(app, open.slug)),
    public: { public: {}, manage: {} },
  };
});
afterAll(async () => {
  await app.stop();
  await first.stop();
});

/** Of a room that does not exist: who may ask gets as far as being told so. */
const concrete = (url: string): string => url.replace(/:\w+/g, 'no-such-thing').replace('*', 'no-such-thing');

// What only a seat can do: a host does it by the ticket of their seat, not by their account.
const bySeatOnly: readonly Action[] = ['renewTicket', 'answerConsent'];

// The owner is a host as well: in their own rooms they have a host's powers.
const isListed = (role: Role, action: Action): boolean => {
  const roles: readonly Role[] = ACTIONS[action];
  if ((role === 'owner' || role === 'host') && bySeatOnly.includes(action)) return false;
  return roles.includes(role) || (role === 'owner' && roles.includes('host'));
};

const rank = (action: string): number => (action === 'signOut' ? 1 : 0);

describe('every route × every role is what the table of roles and actions says', () => {
  it.each(ROLES)('%s', async (role) => {
    const wrong: string[] = [];
    // Signing out comes last: the cookie has to serve all the others.
    const routes = app.app.listedRoutes.filter(({ method }) => method !== 'HEAD');
    for (const { method, url, action } of routes.toSorted((a, b) => rank(a.action) - rank(b.action))) {
      const isManage = url.startsWith('/manage/api/');
      // Below /manage nothing counts but a host's cookie.
      const actingRole: Role = isManage && role !== 'owner' && role !== 'host' ? 'public' : role;
      const { headers = {}, ...holder } = holders[role][isManage ? 'manage' : 'public'];
      const asking = { ...holder, headers: isManage ? { ...headers, ...ours } : headers };
      const { body, status } = await ask(
        app,
        method,
        concrete(url),
        method === 'GET' ? asking : { ...asking, body: {} },
      );
      const isRefused = refusals.has(body?.code);
      if (isRefused === isListed(actingRole, action as Action)) wrong.push(`${method} ${url}: ${status} ${body?.code}`);
      if (status >= 500 && status !== 503) wrong.push(`${method} ${url}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });
});
