/**
 * A Take is one stretch from start to stop. Its row is written (`starting`) before the capture is asked for anything,
 * and only ever moved by `stepTake`; what was captured is told by the journal, never by the row.
 */
import type { ProblemCode } from '../problems.ts';

type Base = { id: string; recordingId: string; ordinal: number };
export type TakeData =
  | { state: 'starting' }
  | { state: 'capturing'; startedAtMs: number }
  | { state: 'closing'; startedAtMs: number | null }
  | { state: 'closed'; startedAtMs: number | null; stoppedAtMs: number; lengthSamples: number }
  | { state: 'lost'; startedAtMs: number | null; code: ProblemCode; detail: string };
export type Take = Base & TakeData;
export type TakeState = TakeData['state'];

export type TakeEvent =
  | { type: 'captured'; startedAtMs: number }
  | { type: 'stopAsked' }
  | { type: 'closed'; stoppedAtMs: number; lengthSamples: number }
  | { type: 'lost'; code: ProblemCode; detail: string };

/** Which event leads from which state where; printed in ARCHITECTURE.md. What is not listed changes nothing. */
export const TAKE_TABLE: Record<TakeState, Partial<Record<TakeEvent['type'], TakeState>>> = {
  starting: { captured: 'capturing', stopAsked: 'closing', closed: 'closed', lost: 'lost' },
  capturing: { captured: 'capturing', stopAsked: 'closing', closed: 'closed', lost: 'lost' },
  closing: { captured: 'closing', closed: 'closed', lost: 'lost' },
  closed: {},
  lost: { closed: 'closed' },
};

export const RUNNING_TAKE_STATES = ['starting', 'capturing', 'closing'] as const satisfies readonly TakeState[];

/** Whether the take still holds the recorder. */
export const isRunning = (take: Pick<Take, 'state'>): boolean =>
  (RUNNING_TAKE_STATES as readonly TakeState[]).includes(take.state);

const startOf = (take: TakeData): number | null => ('startedAtMs' in take ? take.startedAtMs : null);

const dataAfter = (take: Take, event: TakeEvent, next: TakeState): TakeData => {
  switch (event.type) {
    case 'captured':
      return next === 'closing'
        ? { state: 'closing', startedAtMs: event.startedAtMs }
        : { state: 'capturing', startedAtMs: startOf(take) ?? event.startedAtMs };
    case 'stopAsked':
      return { state: 'closing', startedAtMs: startOf(take) };
    case 'closed': {
      const { stoppedAtMs, lengthSamples } = event;
      return { state: 'closed', startedAtMs: startOf(take), stoppedAtMs, lengthSamples };
    }
    case 'lost':
      return { state: 'lost', startedAtMs: startOf(take), code: event.code, detail: event.detail };
  }
};

/** The take after `event`; undefined when the event means nothing in this state (a repeated or late message). */
export const stepTake = (take: Take, event: TakeEvent): Take | undefined => {
  const next = TAKE_TABLE[take.state][event.type];
  if (!next) return undefined;
  const { id, recordingId, ordinal } = take;
  return { id, recordingId, ordinal, ...dataAfter(take, event, next) };
};
