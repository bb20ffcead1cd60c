import type { Config } from '../config.ts';
import type { App } from '../platform/http.ts';
import { noContent, problemResponses } from '../platform/posture.ts';
import { hostOf } from './actor.ts';
import type { HostsStore } from './hosts.store.ts';
import type { LoginCookie } from './login-cookie.ts';
import { hostSchema, instanceSchema, setUpBodySchema, signInBodySchema } from './people.schema.ts';
import type { PeopleService } from './people.service.ts';

const perMinute = (max: number) => ({ rateLimit: { max, timeWindow: 60_000 } });

/** What anybody may know of the instance. */
export const instanceRoutes =
  (config: Config, hosts: Pick<HostsStore, 'count'>) =>
  (app: App): void => {
    app.get(
      '/instance',
      {
        config: { action: 'readInstance' },
        schema: {
          operationId: 'getInstance',
          tags: ['public'],
          summary: 'What this instance is and who runs it',
          response: { 200: instanceSchema, ...problemResponses },
        },
      },
      async () => {
        const hostCount = await hosts.count();
        return {
          title: config.instanceTitle,
          language: config.instanceLanguage,
          operatorName: config.operatorName,
          operatorContact: config.operatorContact || null,
          // One account only: whoever holds the rooms also holds the server, and the door says so.
          hostIsOperator: hostCount <= 1,
          needsSetUp: hostCount === 0,
        };
      },
    );
  };

/** Set-up, sign-in and sign-out: below /manage only, the one place where the cookie travels. */
export const loginRoutes =
  (config: Config, people: PeopleService, cookie: LoginCookie) =>
  (app: App): void => {
    app.post(
      '/set-up',
      {
        config: { action: 'setUp', ...perMinute(config.signInPerMinute) },
        schema: {
          operationId: 'setUp',
          tags: ['login'],
          summary: 'Make the first host through the one-time set-up link',
          body: setUpBodySchema,
          response: { 200: hostSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        const { host, token } = await people.setUp(request.body);
        return reply.header('set-cookie', cookie.issue(token)).send(host);
      },
    );
    app.post(
      '/sign-in',
      {
        config: { action: 'signIn', ...perMinute(config.signInPerMinute) },
        schema: {
          operationId: 'signIn',
          tags: ['login'],
          summary: 'Sign a host in',
          body: signInBodySchema,
          response: { 200: hostSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        const { name, password } = request.body;
        const { host, token } = await people.signIn(name, password, cookie.read(request.headers.cookie));
        return reply.header('set-cookie', cookie.issue(token)).send(host);
      },
    );
    app.post(
      '/sign-out',
      {
        config: { action: 'signOut' },
        schema: {
          operationId: 'signOut',
          tags: ['login'],
          summary: 'End this login',
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        const token = cookie.read(request.headers.cookie);
        if (token) await people.signOut(token);
        return reply.header('set-cookie', cookie.clear()).code(204).send();
      },
    );
  };

export const hostRoutes = (app: App): void => {
  app.get(
    '/host',
    {
      config: { action: 'readHost' },
      schema: {
        operationId: 'getHost',
        tags: ['host'],
        summary: 'The host who is asking',
        response: { 200: hostSchema, ...problemResponses },
      },
    },
    (request) => {
      const { hostId, name, role } = hostOf(request);
      return { id: hostId, name, isOwner: role === 'owner' };
    },
  );
};
