import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import { Problem } from '../../server/problems.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { LiveEntry } from '../../server/room/live-registry.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { TestHost } from '../support/hosts.ts';
import { makeHost } from '../support/hosts.ts';
import type { DeskOptions } from '../support/recording-desk.ts';
import { liveEntry, recordingDesk } from '../support/recording-desk.ts';

let app: TestApp;
let host: TestHost;
let entry: LiveEntry;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  host = await makeHost(app, 'Ada');
});
beforeEach(async () => {
  entry = await liveEntry(app, host);
});
afterAll(() => app.stop());

const deskOf = (options?: DeskOptions) => {
  const desk = recordingDesk(app, options);
  desk.registry.put(entry);
  return desk;
};
type Desk = ReturnType<typeof deskOf>;

const start = (desk: Desk) => desk.recordings.start(entry, randomId());
const resume = (desk: Desk) => desk.recordings.resume(entry, randomId());
const endings = async (desk: Desk, id: string) => {
  const takes = (await desk.takes.recording(id))?.takes ?? [];
  return takes.map((take) => ('stopReason' in take ? take.stopReason : take.state));
};
const cutOf = async (desk: Desk, id: string) => (await desk.masters.newestOf(id))?.cut.length;

describe('pausing', () => {
  it('pain 11: ends the take without a master; the stop after the next take makes one of both, on one timeline', async () => {
    const desk = deskOf();
    const id = await start(desk);
    await desk.recordings.pause(entry);
    expect([await endings(desk, id), await cutOf(desk, id), desk.jobs.length]).toEqual([['paused'], undefined, 0]);
    await resume(desk);
    await desk.recordings.stop(entry);
    expect([await endings(desk, id), await cutOf(desk, id)]).toEqual([['paused', 'stopped'], 2]);
  });

  it('and then stopping ends the pause and makes the master; nothing is left to resume', async () => {
    const desk = deskOf();
    const id = await start(desk);
    await desk.recordings.pause(entry);
    await desk.recordings.stop(entry);
    expect([await endings(desk, id), await cutOf(desk, id)]).toEqual([['stopped'], 1]);
    await expect(resume(desk)).rejects.toMatchObject({ code: 'recording-not-running' });
    await expect(desk.recordings.stop(entry)).rejects.toMatchObject({ code: 'recording-not-running' });
  });

  it('is over with the live session, which makes the master and closes the recording', async () => {
    const desk = deskOf();
    const id = await start(desk);
    await desk.recordings.pause(entry);
    await desk.recordings.finishLiveSession(entry.liveSessionId);
    expect([await cutOf(desk, id), (await desk.takes.recording(id))?.state]).toEqual([1, 'closed']);
  });

  it('outlives the server without a master', async () => {
    const desk = deskOf();
    const id = await start(desk);
    await desk.recordings.pause(entry);
    const next = deskOf();
    await next.recordings.know();
    await next.recordings.settle();
    expect([next.lights.at(-1)?.paused, await cutOf(next, id)]).toEqual([true, undefined]);
    await resume(next);
    expect(await endings(next, id)).toEqual(['paused', 'capturing']);
  });

  it('twice, or without a take, is refused', async () => {
    const desk = deskOf();
    await expect(desk.recordings.pause(entry)).rejects.toMatchObject({ code: 'recording-not-running' });
    await start(desk);
    await desk.recordings.pause(entry);
    await expect(desk.recordings.pause(entry)).rejects.toMatchObject({ code: 'recording-not-running' });
  });

  it('stays, when going on fails: it can be tried again', async () => {
    let isAway = false;
    const conditions = async () => {
      if (isAway) throw new Problem('media-unavailable');
    };
    const desk = deskOf({ conditions, arm: async () => (isAway ? Promise.reject(new Error('no')) : undefined) });
    const id = await start(desk);
    await desk.recordings.pause(entry);
    isAway = true;
    await expect(resume(desk)).rejects.toMatchObject({ code: 'media-unavailable' });
    expect(desk.lights.at(-1)).toMatchObject({ state: 'off', paused: true });
    isAway = false;
    await resume(desk);
    expect(await endings(desk, id)).toEqual(['paused', 'capturing']);
  });
});

describe('the light', () => {
  it('says to everybody that a recording is paused, and goes on', async () => {
    const desk = deskOf();
    await start(desk);
    await desk.recordings.pause(entry);
    await resume(desk);
    const seen = desk.lights.map(({ state, paused }) => `${state}${paused ? ' paused' : ''}`);
    expect(seen).toEqual(['starting', 'on', 'closing', 'off paused', 'starting', 'on']);
  });

  it.each([
    ['diskLow', 'disk-full'],
    ['diskFailed', 'disk-failed'],
    ['limitReached', 'recording-limit'],
    ['mediaLost', 'media-unavailable'],
  ])('says why a take ended by itself: %s', async (reason, trouble) => {
    const desk = deskOf();
    const id = await start(desk);
    const [take] = (await desk.takes.recording(id))!.takes;
    await desk.end(id, reason);
    expect(desk.lights.at(-1)).toMatchObject({ state: 'off', trouble, recordingId: id, takeOrdinal: take!.ordinal });
    expect(await endings(desk, id)).toEqual([reason]);
    if (trouble !== 'recording-limit') {
      await start(desk);
      expect(desk.lights.at(-1)).toMatchObject({ state: 'on', trouble: null });
    }
  });

  it('a capture that goes on behind a closed take is stopped', async () => {
    const desk = deskOf();
    const id = await start(desk);
    const { takeId } = desk.alive.get(id)!;
    await desk.recordings.stop(entry);
    desk.alive.get(id)!.takeId = takeId;
    const owner = { recordingId: id, liveSessionId: entry.liveSessionId };
    const status = { takeId, startedAtMs: Date.now(), state: 'capturing' } as never;
    await desk.runner.heartbeat(owner, status);
    expect(desk.alive.get(id)!.takeId).toBe(takeId);
    await desk.runner.heartbeat(owner, status);
    expect(desk.alive.get(id)!.takeId).toBeNull();
  });
});

describe('a start', () => {
  it('pain 3: whose signal does not come is tried once more in a new capture', async () => {
    const desk = deskOf();
    desk.faults.silentStarts = 1;
    const id = await start(desk);
    expect(await endings(desk, id)).toEqual(['capturing']);
  });

  it('pain 3: whose signal does not come twice is refused in time, leaves nothing that captures, and the next works', async () => {
    const desk = deskOf();
    desk.faults.silentStarts = 2;
    const askedAtMs = performance.now();
    await expect(start(desk)).rejects.toMatchObject({ code: 'capture-lost' });
    expect(performance.now() - askedAtMs).toBeLessThan(5_000);
    expect(desk.alive.size).toBe(0);
    const id = await start(desk);
    expect(await endings(desk, id)).toEqual(['lost', 'capturing']);
  });

  it('past the longest duration is refused with the reason', async () => {
    const desk = deskOf({ maxRecordingMs: 1_000 });
    await start(desk);
    await desk.recordings.stop(entry);
    await expect(start(desk)).rejects.toMatchObject({ code: 'recording-limit' });
  });

  it('that is refused for want of a disk leaves no row, and works when there is one', async () => {
    let isFull = true;
    const desk = deskOf({
      conditions: async () => {
        if (isFull) throw new Problem('disk-full');
      },
    });
    await expect(start(desk)).rejects.toMatchObject({ code: 'disk-full' });
    isFull = false;
    expect(await endings(desk, await start(desk))).toEqual(['capturing']);
  });
});

it('pain 1: a capture that dies and cannot be started again leaves no take that runs, and the next start works', async () => {
  const desk = deskOf();
  const id = await start(desk);
  desk.alive.delete(id);
  desk.faults.deadOnArrival = true;
  await desk.runner.resume({ recordingId: id, liveSessionId: entry.liveSessionId });
  expect(await endings(desk, id)).toEqual(['lost']);
  desk.faults.deadOnArrival = false;
  await start(desk);
  expect(await endings(desk, id)).toEqual(['lost', 'capturing']);
});

it('a mark lies in the running take; without one it is refused', async () => {
  const desk = deskOf();
  await expect(desk.recordings.mark(entry, 'good part')).rejects.toMatchObject({ code: 'recording-not-running' });
  const id = await start(desk);
  const mark = await desk.recordings.mark(entry, 'good part');
  expect(mark).toMatchObject({ takeId: desk.alive.get(id)!.takeId, atMs: 700, label: 'good part' });
});

it('every closed take has its length in its row', async () => {
  const desk = deskOf();
  const id = await start(desk);
  await desk.recordings.stop(entry);
  expect((await desk.takes.recording(id))!.takes).toMatchObject([{ lengthSamples: SAMPLE_RATE }]);
});
