/**
 * One airing of a room: scheduled → live → ended, each state with its own data. `stepLiveSession` says what may follow
 * what; the store writes by compare-and-set, so that of two hosts' clicks one wins.
 */
import { Problem } from '../problems.ts';
import type { LiveSessionView } from './room.schema.ts';

export type EndReason = NonNullable<LiveSessionView['endReason']>;

type Airing = { id: string; roomId: string };
export type ScheduledSession = Airing & { state: 'scheduled' };
export type RunningSession = Airing & { state: 'live'; startedAt: Date };
export type EndedSession = Airing & { state: 'ended'; startedAt: Date | null; endedAt: Date; reason: EndReason };
export type LiveSession = ScheduledSession | RunningSession | EndedSession;

export type LiveSessionEvent = { type: 'start'; at: Date } | { type: 'end'; at: Date; reason: EndReason };

/** The table printed in ARCHITECTURE.md. Ending what has ended changes nothing. */
export const LIVE_SESSION_EDGES = [
  { from: 'scheduled', event: 'start', to: 'live' },
  { from: 'scheduled', event: 'end', to: 'ended' },
  { from: 'live', event: 'end', to: 'ended' },
  { from: 'ended', event: 'end', to: 'ended' },
] as const satisfies readonly {
  from: LiveSession['state'];
  event: LiveSessionEvent['type'];
  to: LiveSession['state'];
}[];

/** The next state, or the Problem that says why there is none. */
export const stepLiveSession = (session: LiveSession, event: LiveSessionEvent): LiveSession | Problem => {
  const { id, roomId } = session;
  switch (session.state) {
    case 'scheduled':
      return event.type === 'start'
        ? { id, roomId, state: 'live', startedAt: event.at }
        : { id, roomId, state: 'ended', startedAt: null, endedAt: event.at, reason: event.reason };
    case 'live':
      return event.type === 'start'
        ? new Problem('room-already-live')
        : { id, roomId, state: 'ended', startedAt: session.startedAt, endedAt: event.at, reason: event.reason };
    case 'ended':
      return event.type === 'start'
        ? new Problem('room-not-live', { detail: 'This live session has ended.' })
        : session;
  }
};
