import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { ProblemCode } from '../problems.ts';
import { Problem, PROBLEMS } from '../problems.ts';
import { isDatabaseAway } from './database-away.ts';

const CODE_OF_STATUS: Record<number, ProblemCode> = {
  404: 'not-found',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  503: 'overloaded',
};

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && typeof (error as Partial<FastifyError>).statusCode === 'number';

// RFC 6901 pointers into the body; for other parts of the request the part's name comes first.
const invalidRequest = (error: FastifyError): Problem => {
  const lacksKey = error.validation?.some(({ instancePath }) => instancePath === '/idempotency-key');
  if (error.validationContext === 'headers' && lacksKey) return new Problem('idempotency-key-required');
  const part = error.validationContext === 'body' ? '' : `/${error.validationContext ?? ''}`;
  return new Problem('invalid-request', {
    cause: error,
    errors: (error.validation ?? []).map(({ instancePath, message }) => ({
      pointer: `${part}${instancePath === '/' ? '' : instancePath}`,
      message: message ?? 'is wrong',
    })),
  });
};

/** Whatever was thrown, as a Problem. What we did not foresee becomes `internal`: its text stays in the log. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  if (isDatabaseAway(error)) return new Problem('overloaded', { cause: error });
  if (!isFastifyError(error)) return new Problem('internal', { cause: error });
  if (error.validation) return invalidRequest(error);
  const status = error.statusCode ?? 500;
  const code = CODE_OF_STATUS[status] ?? (status < 500 ? 'invalid-request' : 'internal');
  return new Problem(code, { cause: error });
};

/** Sends a Problem as RFC 9457 `application/problem+json`; the media type keeps it away from the response schemas. */
export const sendProblem = (problem: Problem, request: { id: string }, reply: FastifyReply): FastifyReply => {
  const { status } = PROBLEMS[problem.code];
  if ((status === 429 || status === 503) && !reply.hasHeader('retry-after'))
    void reply.header('retry-after', problem.retryAfterSeconds ?? 5);
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem.toBody(request.id));
};

/** Turns every error of every route into a Problem; logs those that are our fault, under the request id they carry. */
export const installProblems = (app: FastifyInstance): void => {
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error);
    if (PROBLEMS[problem.code].status >= 500 && problem.code !== 'overloaded') {
      const { method, id, routeOptions } = request;
      request.log.error(
        { err: problem.cause ?? problem, requestId: id, method, route: routeOptions.url },
        problem.code,
      );
    }
    return sendProblem(problem, request, reply);
  });
};
