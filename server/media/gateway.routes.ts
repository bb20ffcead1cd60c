import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Routes } from '../platform/http.ts';
import { noContent, problemResponses } from '../platform/posture.ts';
import { Problem } from '../problems.ts';
import type { Gateway, Opened } from './gateway.ts';
import { parseGatewayRequest } from './gateway-request.ts';

const SIGNAL_PATH = '/media/rtc';
const VALIDATE_PATH = '/media/rtc/validate';

type Deps = { gateway: Gateway; config: Pick<Config, 'publicUrl'> };

/**
 * `/media/rtc` is LiveKit's signalling, `/media/rtc/validate` tells livekit-client why it was refused; whatever else
 * LiveKit serves does not exist here. rtc-node asks for `/rtc/v1` first and needs a 404 to fall back to `/rtc`.
 */
export const gatewayRoutes =
  ({ gateway, config }: Deps): Routes =>
  (app) => {
    const ownOrigin = new URL(config.publicUrl).origin;
    const opened = new WeakMap<object, Opened>();
    app.addHook('preClose', () => gateway.stop());

    app.get(
      SIGNAL_PATH,
      {
        websocket: true,
        exposeHeadRoute: false,
        config: { action: 'connectMedia' },
        preValidation: async (request) => {
          const asked = parseGatewayRequest(request.raw, SIGNAL_PATH, ownOrigin);
          if (!request.ws) throw new Problem('not-found');
          opened.set(request, await gateway.open(asked, request.ip, request.raw.socket));
        },
      },
      (client, request) => gateway.connect(client, opened.get(request)!),
    );

    app.get(
      VALIDATE_PATH,
      {
        exposeHeadRoute: false,
        config: { action: 'connectMedia' },
        schema: { hide: true, response: { 200: z.string(), ...problemResponses } },
      },
      async (request, reply) => {
        if (request.ws) throw new Problem('not-found');
        await gateway.admit(parseGatewayRequest(request.raw, VALIDATE_PATH, ownOrigin));
        return reply.type('text/plain').header('cache-control', 'no-store').send('success');
      },
    );

    app.all(
      '/media/*',
      {
        config: { action: 'connectMedia' },
        schema: { hide: true, response: { 204: noContent, ...problemResponses } },
        onRequest: async () => {
          throw new Problem('not-found');
        },
      },
      async (_request, reply) => reply.code(204).send(),
    );
  };
