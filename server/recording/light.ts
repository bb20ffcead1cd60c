/** How the API shows a take's state in its red light. Pure. */
import type { ProblemCode } from '../problems.ts';
import { DARK_LIGHT } from '../stage/stage.schema.ts';
import type { RecordingLight } from '../stage/stage.schema.ts';
import { isPaused } from './take.ts';
import type { Take } from './take.ts';

/** What everybody is told when a take ended without anybody's order, by the reason in its journal. */
const TROUBLE: Record<string, ProblemCode> = {
  diskLow: 'disk-full',
  diskFailed: 'disk-failed',
  limitReached: 'recording-limit',
  mediaLost: 'media-unavailable',
  removed: 'capture-lost',
  recovered: 'capture-lost',
  terminated: 'capture-lost',
  finished: 'capture-lost',
};

const troubleOf = (take: Take): ProblemCode | null => {
  if (take.state === 'closed') return TROUBLE[take.stopReason] ?? null;
  // One that never began was refused to the host's face.
  return take.state === 'lost' && take.startedAtMs !== null ? take.code : null;
};

/** The light of a recording whose newest take this is; dark without one. */
export const lightOf = (take: Take | undefined): RecordingLight => {
  if (!take) return DARK_LIGHT;
  const { recordingId, ordinal: takeOrdinal } = take;
  if (take.state === 'closed' || take.state === 'lost') {
    const [paused, trouble] = [isPaused(take), troubleOf(take)];
    return paused || trouble ? { ...DARK_LIGHT, recordingId, takeOrdinal, paused, trouble } : DARK_LIGHT;
  }
  const startedAtMs = 'startedAtMs' in take ? take.startedAtMs : null;
  return {
    state: take.state === 'capturing' ? 'on' : take.state,
    recordingId,
    takeOrdinal,
    since: startedAtMs === null ? null : new Date(startedAtMs).toISOString(),
    paused: false,
    trouble: null,
  };
};
