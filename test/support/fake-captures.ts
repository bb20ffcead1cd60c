/**
 * Capture processes in memory, for tests about rows: each holds one take, tells its listener of the end first, and
 * answers when `beforeAnswer` lets it.
 */
import { Problem } from '../../server/problems.ts';
import type { CaptureHandle } from '../../server/recording/capture/capture.client.ts';
import type { TakeOrder, TakeStopped } from '../../server/recording/capture/control.schema.ts';
import type { CaptureListener, CaptureOwner, Captures } from '../../server/recording/captures.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { RecordingTimeline } from '../../server/recording/timeline.schema.ts';

/** `deaf`: obeys no stop. */
type FakeCapture = { takeId: string | null; lastStopped: TakeStopped | null; deaf: boolean };

/** What goes wrong from now on: so many starts are not answered; captures do not start at all. */
type Faults = { silentStarts: number; deadOnArrival: boolean };

export const fakeCaptures = (listen: CaptureListener, beforeAnswer: () => unknown = () => undefined) => {
  const alive = new Map<string, FakeCapture>();
  const ended = new Map<string, TakeStopped[]>();
  const faults: Faults = { silentStarts: 0, deadOnArrival: false };

  const stopTake = (owner: CaptureOwner, capture: FakeCapture, reason: string): TakeStopped => {
    if (capture.deaf) throw new Problem('capture-lost');
    if (!capture.takeId && capture.lastStopped) return capture.lastStopped;
    if (!capture.takeId) throw new Problem('recording-not-running');
    const stopped = { takeId: capture.takeId, samples: SAMPLE_RATE, stoppedAtMs: Date.now(), reason };
    Object.assign(capture, { takeId: null, lastStopped: stopped });
    ended.set(owner.recordingId, [...(ended.get(owner.recordingId) ?? []), stopped]);
    listen(owner, { event: 'takeStopped', stopped });
    return stopped;
  };
  const handleOf = (owner: CaptureOwner, capture: FakeCapture): CaptureHandle => {
    const startTake = async ({ takeId }: TakeOrder) => {
      if (capture.takeId && capture.takeId !== takeId) throw new Problem('recording-running');
      if (faults.silentStarts > 0) {
        faults.silentStarts -= 1;
        return new Promise<never>(() => {});
      }
      capture.takeId = takeId;
      return { takeId, startedAtMs: Date.now() };
    };
    const startedAtMs = (): number | null => (capture.takeId ? Date.now() - 1_000 : null);
    return {
      startTake,
      resumeTake: startTake,
      stopTake: async (reason = 'stopped') => {
        const stopped = stopTake(owner, capture, reason);
        await beforeAnswer();
        return stopped;
      },
      setAllowed: async () => {},
      mark: async () => {
        if (!capture.takeId) throw new Problem('recording-not-running');
        return { takeId: capture.takeId, atMs: 700.4 };
      },
      status: async () => ({ ...capture, startedAtMs: startedAtMs() }),
    } as unknown as CaptureHandle;
  };
  const adopt = async (owner: CaptureOwner): Promise<CaptureHandle | undefined> => {
    const capture = alive.get(owner.recordingId);
    return capture && handleOf(owner, capture);
  };
  const end = async ({ recordingId }: CaptureOwner): Promise<void> => void alive.delete(recordingId);
  const captures = {
    recordingIdFor: (liveSessionId: string) => `rec-${liveSessionId}`,
    remember: () => {},
    ensure: async (owner: CaptureOwner) => {
      if (faults.deadOnArrival) throw new Problem('recording-unavailable');
      if (!alive.has(owner.recordingId)) alive.set(owner.recordingId, { takeId: null, lastStopped: null, deaf: false });
      return (await adopt(owner))!;
    },
    adopt,
    ofSession: (liveSessionId: string) => {
      const capture = alive.get(`rec-${liveSessionId}`);
      return capture && Promise.resolve(handleOf({ recordingId: `rec-${liveSessionId}`, liveSessionId }, capture));
    },
    kill: end,
    release: end,
  } as Partial<Captures> as Captures;

  return {
    captures,
    /** Ends the running take for this reason, as a capture does by itself. */
    end: (owner: CaptureOwner, reason: string): void => void stopTake(owner, alive.get(owner.recordingId)!, reason),
    /** By recording. */
    alive,
    faults,
    /** The journal: every take is a second long, stopped or not. */
    timelineOf: async (recordingId: string): Promise<RecordingTimeline> => {
      const running = alive.get(recordingId)?.takeId ?? undefined;
      const stopped = ended.get(recordingId) ?? [];
      const lines = [...stopped, ...(running === undefined ? [] : [{ takeId: running, reason: null }])];
      return {
        takes: lines.map(({ takeId, reason: stopReason }, ordinal) => ({
          ...{ takeId, ordinal, stopReason, lengthSamples: SAMPLE_RATE, startedAtMs: Date.now() - 1_000, tracks: [] },
          ...{ gaps: [], marks: [], consents: [], state: stopReason === null ? 'open' : 'closed' },
        })),
      };
    },
  };
};
