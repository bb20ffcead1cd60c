/**
 * A Take is one stretch from start or resume to pause or stop. Its row is written (`starting`) before the capture is
 * asked for anything, and only ever moved by `stepTake`; what was captured is told by the journal, never by the row.
 */
import type { ProblemCode } from '../problems.ts';

type Base = { id: string; recordingId: string; ordinal: number; name: string | null };
/** `stopReason` of a closing take is what was asked for; of a closed one, what its journal says. */
export type TakeData =
  | { state: 'starting' }
  | { state: 'capturing'; startedAtMs: number }
  | { state: 'closing'; startedAtMs: number | null; stopReason: string }
  | { state: 'closed'; startedAtMs: number | null; stoppedAtMs: number; lengthSamples: number; stopReason: string }
  | { state: 'lost'; startedAtMs: number | null; code: ProblemCode; detail: string };
export type Take = Base & TakeData;
export type TakeState = TakeData['state'];

/** How a host ends a take: a pause queues no master and says that the recording goes on. */
export type StopOrder = 'stopped' | 'paused';

export type TakeEvent =
  | { type: 'captured'; startedAtMs: number }
  | { type: 'stopAsked'; reason: StopOrder }
  | { type: 'closed'; stoppedAtMs: number; lengthSamples: number; reason: string }
  | { type: 'pauseEnded' }
  | { type: 'lost'; code: ProblemCode; detail: string };

/** Which event leads from which state where; printed in ARCHITECTURE.md. What is not listed changes nothing. */
export const TAKE_TABLE: Record<TakeState, Partial<Record<TakeEvent['type'], TakeState>>> = {
  starting: { captured: 'capturing', stopAsked: 'closing', closed: 'closed', lost: 'lost' },
  capturing: { captured: 'capturing', stopAsked: 'closing', closed: 'closed', lost: 'lost' },
  closing: { captured: 'closing', closed: 'closed', lost: 'lost' },
  closed: { pauseEnded: 'closed' },
  lost: { closed: 'closed' },
};

export const RUNNING_TAKE_STATES = ['starting', 'capturing', 'closing'] as const satisfies readonly TakeState[];

/** Whether the take still holds the recorder. */
export const isRunning = (take: Pick<Take, 'state'>): boolean =>
  (RUNNING_TAKE_STATES as readonly TakeState[]).includes(take.state);

/** Whether this take ended with a pause that nobody has ended since. */
export const isPaused = (take: Take | undefined): boolean => take?.state === 'closed' && take.stopReason === 'paused';

/** The last take that runs or began; one that could not begin changes nothing about the recording. */
export const newestTake = (takes: readonly Take[]): Take | undefined =>
  takes.findLast((take) => take.state !== 'lost' || take.startedAtMs !== null);

const ON_THE_WAY: readonly TakeState[] = ['starting', 'capturing', 'closing', 'lost', 'closed'];

/** Of two tellings of the same take the one that is further on its way; the first when both are as far. */
export const furtherTake = (known: Take, told: Take): Take =>
  ON_THE_WAY.indexOf(told.state) > ON_THE_WAY.indexOf(known.state) ? told : known;

const startOf = (take: TakeData): number | null => ('startedAtMs' in take ? take.startedAtMs : null);

const closingOf = (take: Take, startedAtMs: number | null, reason: StopOrder): TakeData => ({
  state: 'closing',
  startedAtMs,
  stopReason: take.state === 'closing' ? take.stopReason : reason,
});

const dataAfter = (take: Take, event: TakeEvent, next: TakeState): TakeData | undefined => {
  switch (event.type) {
    case 'captured':
      return next === 'closing'
        ? closingOf(take, event.startedAtMs, 'stopped')
        : { state: 'capturing', startedAtMs: startOf(take) ?? event.startedAtMs };
    case 'stopAsked':
      return closingOf(take, startOf(take), event.reason);
    case 'closed': {
      const { stoppedAtMs, lengthSamples, reason: stopReason } = event;
      return { state: 'closed', startedAtMs: startOf(take), stoppedAtMs, lengthSamples, stopReason };
    }
    case 'pauseEnded':
      return take.state === 'closed' && isPaused(take) ? { ...take, stopReason: 'stopped' } : undefined;
    case 'lost':
      return { state: 'lost', startedAtMs: startOf(take), code: event.code, detail: event.detail };
  }
};

/** The take after `event`; undefined when the event means nothing in this state (a repeated or late message). */
export const stepTake = (take: Take, event: TakeEvent): Take | undefined => {
  const next = TAKE_TABLE[take.state][event.type];
  const data = next && dataAfter(take, event, next);
  if (!data) return undefined;
  const { id, recordingId, ordinal, name } = take;
  return { ...data, id, recordingId, ordinal, name };
};
