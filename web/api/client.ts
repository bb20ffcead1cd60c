import type { ProblemBody } from '../../server/platform/problem.schema.ts';

/** A failure as the interface shows it: what happened, what to do, and the code. */
export class ProblemError extends Error {
  readonly problem: ProblemBody;

  constructor(problem: ProblemBody) {
    super(problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export interface RequestOptions {
  body?: unknown;
  /** Proof of a visit to a live room, for `Authorization: Visit …`. */
  visit?: string;
  /** Marks a request that must not happen twice. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** Travels only when the server could not be asked at all, so it has no row in the server's catalogue. */
const unreachable: ProblemBody = {
  type: 'urn:loggia:problem:unreachable',
  title: 'The server does not answer.',
  status: 0,
  code: 'unreachable',
  next: 'Check your connection and try again.',
};

const headersOf = (options: RequestOptions): Headers => {
  const headers = new Headers({ accept: 'application/json, application/problem+json' });
  if (options.body !== undefined) headers.set('content-type', 'application/json');
  if (options.visit) headers.set('authorization', `Visit ${options.visit}`);
  if (options.idempotencyKey) headers.set('idempotency-key', options.idempotencyKey);
  return headers;
};

const problemOf = async (response: Response): Promise<ProblemBody> => {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null && 'code' in body && 'title' in body) return body as ProblemBody;
  return { ...unreachable, status: response.status };
};

const send = async <T>(
  base: string,
  credentials: RequestCredentials,
  method: string,
  path: string,
  options: RequestOptions,
): Promise<T> => {
  const response = await fetch(base + path, {
    method,
    credentials,
    headers: headersOf(options),
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
    signal: options.signal,
  }).catch((cause: unknown) => {
    if (options.signal?.aborted) throw cause;
    throw new ProblemError(unreachable);
  });
  if (!response.ok) throw new ProblemError(await problemOf(response));
  return (response.status === 204 ? undefined : await response.json()) as T;
};

/** Asks a public route. No cookie ever travels with it. Throws {@link ProblemError}. */
export const ask = <T>(method: string, path: string, options: RequestOptions = {}): Promise<T> =>
  send<T>('/api/v1', 'omit', method, path, options);

/** Asks a host's route, with the cookie of whoever is signed in. Throws {@link ProblemError}. */
export const askAsHost = <T>(method: string, path: string, options: RequestOptions = {}): Promise<T> =>
  send<T>('/manage/api/v1', 'same-origin', method, path, options);

/** The Problem inside whatever was thrown. */
export const problemIn = (thrown: unknown): ProblemBody =>
  thrown instanceof ProblemError
    ? thrown.problem
    : { ...unreachable, code: 'unexpected', title: thrown instanceof Error ? thrown.message : String(thrown) };
