import createClient from 'openapi-fetch';
import type { ProblemBody } from '../../server/platform/problem.schema.ts';
import type { paths } from './openapi.d.ts';

/** A failure as the interface shows it: what happened, what to do, and the code. */
export class ProblemError extends Error {
  readonly problem: ProblemBody;

  constructor(problem: ProblemBody) {
    super(problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** Travels only when the server could not be asked at all, so it has no row in the server's catalogue. */
const unreachable: ProblemBody = {
  type: 'urn:loggia:problem:unreachable',
  title: 'The server does not answer.',
  status: 0,
  code: 'unreachable',
  next: 'Check your connection and try again.',
};

/** The routes without the address of their mount. */
type Routes = {
  [
    Path in keyof paths as Path extends `/api/v1${infer Route}` | `/manage/api/v1${infer Route}` ? Route : never
  ]: paths[Path];
};

/** Public routes and those of a visit. No cookie ever travels with them. */
export const api = createClient<Routes>({ baseUrl: '/api/v1', credentials: 'omit' });

/** The same API for whoever is signed in: mounted once more where the cookie lives. */
export const hostApi = createClient<Routes>({ baseUrl: '/manage/api/v1', credentials: 'same-origin' });

/** Proof of a visit to a live room. */
export const visitHeader = (secret: string) => ({ authorization: `Visit ${secret}` });

/** Marks a request that must not happen twice. Browsers have no `randomUUID` on plain http. */
export const onceOnly = () => ({ 'idempotency-key': crypto.getRandomValues(new Uint32Array(5)).join('-') });

const problemOf = (body: unknown, status: number): ProblemBody =>
  typeof body === 'object' && body !== null && 'code' in body && 'title' in body
    ? (body as ProblemBody)
    : { ...unreachable, status };

/** What an answer holds. Throws {@link ProblemError} for every failure, those of the network included. */
export const dataOf = async <T>(
  asking: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<NonNullable<T>> => {
  const answer = await asking.catch(() => null);
  if (answer === null) throw new ProblemError(unreachable);
  if (!answer.response.ok) throw new ProblemError(problemOf(answer.error, answer.response.status));
  return answer.data as NonNullable<T>;
};

/** The Problem inside whatever was thrown. */
export const problemIn = (thrown: unknown): ProblemBody =>
  thrown instanceof ProblemError
    ? thrown.problem
    : { ...unreachable, code: 'unexpected', title: thrown instanceof Error ? thrown.message : String(thrown) };
