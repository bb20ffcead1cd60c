import { z } from 'zod';
import type { App } from './http.ts';
import { problemResponses } from './posture.ts';

/** Looks at one part; false or a rejection: not ready. */
export type Readiness = Record<string, () => Promise<boolean>>;

const partState = z.enum(['ok', 'failing']);
const readinessSchema = z.object({ status: partState, parts: z.record(z.string(), partState) });
const checkTimeoutMs = 2000;

const look = async (check: () => Promise<boolean>): Promise<z.infer<typeof partState>> => {
  const late = new Promise<boolean>((resolve) => {
    setTimeout(resolve, checkTimeoutMs, false).unref();
  });
  return (await Promise.race([check(), late]).catch(() => false)) ? 'ok' : 'failing';
};

/** /healthz: the process answers. /readyz: every part it needs answers as well; 503 with the list otherwise. */
export const healthRoutes =
  (parts: Readiness) =>
  (app: App): void => {
    app.get(
      '/healthz',
      {
        config: { action: 'readHealth' },
        schema: { hide: true, response: { 200: z.object({ status: z.literal('ok') }), ...problemResponses } },
      },
      () => ({ status: 'ok' as const }),
    );
    app.get(
      '/readyz',
      {
        config: { action: 'readHealth' },
        schema: { hide: true, response: { 200: readinessSchema, 503: readinessSchema, ...problemResponses } },
      },
      async (_request, reply) => {
        const states = await Promise.all(
          Object.entries(parts).map(async ([name, check]) => [name, await look(check)] as const),
        );
        const failing = states.some(([, state]) => state === 'failing');
        return reply
          .code(failing ? 503 : 200)
          .header('cache-control', 'no-store')
          .send({ status: failing ? 'failing' : 'ok', parts: Object.fromEntries(states) });
      },
    );
  };
