/**
 * The catalogue of Problems: every failure a person or a program can meet has one row here, with a stable code,
 * an HTTP status, a sentence that says what happened and one that says what to do. The same codes travel over
 * HTTP, over the socket, in failed recordings and in the interface.
 */
import type { ProblemBody } from './platform/problem.schema.ts';

const row = (status: number, title: string, next: string) => ({ status, title, next });

export const PROBLEMS = {
  // requests
  'invalid-request': row(400, 'The request is not in the expected form.', 'Mend the fields named in errors.'),
  'not-found': row(404, 'There is nothing at this address.', 'Check the address.'),
  'not-allowed': row(403, 'You may not do this here.', 'Ask the host of the room.'),
  'too-many-requests': row(429, 'Too many requests in a short time.', 'Wait a moment and try again.'),
  'too-large': row(413, 'The request is too large.', 'Send less.'),
  'unsupported-media-type': row(415, 'Only JSON is understood here.', 'Send application/json.'),
  overloaded: row(503, 'The server is busy.', 'Try again in a few seconds.'),
  internal: row(500, 'Something failed on our side.', 'Try again; if it stays, tell the operator the request id.'),
  'idempotency-key-required': row(400, 'This request needs an Idempotency-Key header.', 'Send a fresh random key.'),
  // people
  'sign-in-required': row(401, 'You are not signed in.', 'Sign in and try again.'),
  'sign-in-failed': row(401, 'Name and password do not match.', 'Try again, or reset the password on the server.'),
  'setup-link-spent': row(410, 'This set-up link was used or has expired.', 'Start the server again for a new one.'),
  'name-taken': row(409, 'This name is taken.', 'Choose another one.'),
  'token-invalid': row(401, 'This token is not valid.', 'Make a new one.'),
  // room
  'slug-taken': row(409, 'A room has this address already.', 'Choose another address.'),
  'room-not-live': row(409, 'This room is not live.', 'Wait until the host opens it.'),
  'room-already-live': row(409, 'This room is live already.', 'Enter it, or end it first.'),
  'name-required': row(422, 'This room asks listeners for a name.', 'Type a name and try again.'),
  'link-spent': row(410, 'This link was used, revoked or has expired.', 'Ask the host for a new one.'),
  'ticket-refused': row(403, 'You cannot enter this room now.', 'Try again later.'),
  'visit-over': row(401, 'Your visit to this room is over.', 'Open the room again.'),
  // stage
  'hand-already-up': row(409, 'Your hand is up already.', 'Wait to be invited, or lower it.'),
  'hand-gone': row(410, 'This hand is no longer up.', 'Nothing to do.'),
  'not-invited': row(409, 'You have not been invited to the stage.', 'Wait for the invitation.'),
  'too-many-hands': row(429, 'Many hands are up.', 'Try again in a few minutes.'),
  'seat-gone': row(410, 'This seat is no longer on the stage.', 'Nothing to do.'),
  'consent-required': row(
    409,
    'This room may be recorded: answer the two questions first.',
    'Answer yes or no to both.',
  ),
  'stage-full': row(409, 'The stage is full.', 'Try again when somebody steps down.'),
  // media
  'media-unavailable': row(503, 'The sound server does not answer.', 'Try again in a few seconds.'),
  'media-refused': row(403, 'This token does not open the room.', 'Open the room again.'),
  // recording
  'recording-running': row(409, 'This room is being recorded already.', 'Stop the running take first.'),
  'recording-not-running': row(409, 'This room is not being recorded.', 'Start a recording first.'),
  'recording-unavailable': row(503, 'The recording could not start.', 'Look at the detail, mend it and start again.'),
  'capture-lost': row(500, 'The recording process was lost.', 'What was captured is kept; start again.'),
  'recording-limit': row(
    409,
    'This recording has reached its longest duration.',
    'End the live session; a new one records again.',
  ),
  'disk-failed': row(507, 'The disk did not take what was recorded.', 'Mend the disk and start again.'),
  'disk-full': row(507, 'There is too little space left to record.', 'Free some space and start again.'),
  'ffmpeg-failed': row(500, 'ffmpeg could not finish the recording.', 'Try again; the raw tracks are safe.'),
  'master-not-ready': row(409, 'The recording is not finished yet.', 'Wait until it is ready.'),
  'master-not-running': row(409, 'This version is not being made.', 'Nothing to do.'),
  'master-not-failed': row(409, 'This version did not fail.', 'Nothing to do.'),
  'replay-not-ready': row(409, 'The replay is being made again.', 'Wait a moment and try again.'),
  'receipt-unknown': row(404, 'This receipt is not known here.', 'Check the link, or ask the host.'),
  'nothing-recorded': row(409, 'There is nothing recorded to publish.', 'Record a take first.'),
  // publication
  'episode-gone': row(410, 'This episode was taken down.', 'Nothing to do.'),
  'episode-not-ready': row(503, 'This episode is being made again.', 'Try again in a few minutes.'),
  'range-impossible': row(416, 'The range asked for is outside the file.', 'Ask for a range inside it.'),
} as const satisfies Record<string, { status: number; title: string; next: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

type ProblemOptions = {
  /** A sentence for people. */
  detail?: string;
  /** Stays in the log. */
  cause?: unknown;
  errors?: ProblemBody['errors'];
  /** When to come back, for `too-many-requests` and `overloaded`. */
  retryAfterSeconds?: number;
};

/** A failure with a catalogue code. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly errors: ProblemBody['errors'];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? PROBLEMS[code].title, { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.detail = options.detail;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The body as it travels; `requestId` names the log line that holds the cause. */
  toBody(requestId?: string): ProblemBody {
    const { status, title, next } = PROBLEMS[this.code];
    return {
      type: `urn:loggia:problem:${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.detail,
      next,
      requestId,
      errors: this.errors,
    };
  }
}
