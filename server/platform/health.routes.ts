import { z } from 'zod';
import type { App } from './http.ts';
import { problemResponses } from './posture.ts';

/** Looks at one part; false or a rejection: not ready. */
export type Readiness = Record<string, () => Promise<boolean>>;

const partState = z.enum(['ok', 'failing']);
type PartState = z.infer<typeof partState>;
const readinessSchema = z.object({ status: partState, parts: z.record(z.string(), partState) });
const checkTimeoutMs = 2000;
const keptMs = 500;

const look = async (check: () => Promise<boolean>): Promise<PartState> => {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, checkTimeoutMs, false).unref();
  const isReady = await Promise.race([check(), late]).catch(() => false);
  clearTimeout(timer);
  return isReady ? 'ok' : 'failing';
};

/** A look that all who ask within half a second share: anybody may ask, and each look costs a query or a request. */
export const sharedLook = (check: () => Promise<boolean>, nowMs: () => number = () => performance.now()) => {
  let last: Promise<PartState> | undefined;
  let lastAtMs = 0;
  return (): Promise<PartState> => {
    if (last && nowMs() - lastAtMs < keptMs) return last;
    lastAtMs = nowMs();
    return (last = look(check));
  };
};

/** /healthz: the process answers. /readyz: every part it needs answers as well; 503 with the list otherwise. */
export const healthRoutes =
  (parts: Readiness) =>
  (app: App): void => {
    const looks = Object.entries(parts).map(([name, check]) => ({ name, ask: sharedLook(check) }));

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
        const states = await Promise.all(looks.map(async ({ name, ask }) => [name, await ask()] as const));
        const failing = states.some(([, state]) => state === 'failing');
        return reply
          .code(failing ? 503 : 200)
          .header('cache-control', 'no-store')
          .send({ status: failing ? 'failing' : 'ok', parts: Object.fromEntries(states) });
      },
    );
  };
