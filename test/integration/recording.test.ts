import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import { journalLine } from '../../server/recording/capture/journal.ts';
import { JOURNAL_FILE } from '../../server/recording/capture/measure-tracks.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { Take } from '../../server/recording/take.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { LiveEntry } from '../../server/room/live-registry.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost } from '../support/hosts.ts';
import type { DeskOptions } from '../support/recording-desk.ts';
import { liveEntry, recordingDesk } from '../support/recording-desk.ts';
import { until } from '../support/wait.ts';

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

/** A desk whose start waits in the arming of its room until `open` is called. */
const armingDesk = () => {
  const gate = Promise.withResolvers<void>();
  return { desk: deskOf({ arm: () => gate.promise }), open: gate.resolve };
};

const takesOf = async (desk: ReturnType<typeof deskOf>) =>
  (await desk.takes.openRecordingOf(entry.liveSessionId))?.takes ?? [];
const statesOf = async (desk: ReturnType<typeof deskOf>) => (await takesOf(desk)).map(({ state }) => state);

describe('starting', () => {
  it('with the same key twenty times at once starts one take, and all get the same answer', async () => {
    const desk = deskOf();
    const key = randomId();
    const ids = await Promise.all(Array.from({ length: 20 }, () => desk.recordings.start(entry, key)));
    expect(new Set(ids).size).toBe(1);
    expect(await statesOf(desk)).toEqual(['capturing']);
  });

  it('with two keys at once starts one take and refuses the other', async () => {
    const desk = deskOf();
    const starts = await Promise.allSettled([randomId(), randomId()].map((key) => desk.recordings.start(entry, key)));
    expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(starts.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'recording-running' } });
  });

  it('that failed fails again with the same key, and works with another', async () => {
    let full = true;
    const desk = deskOf({
      arm: async () => {
        if (full) throw new Error('no');
      },
    });
    const key = randomId();
    await expect(desk.recordings.start(entry, key)).rejects.toMatchObject({ code: 'recording-unavailable' });
    full = false;
    await expect(desk.recordings.start(entry, key)).rejects.toMatchObject({ code: 'recording-unavailable' });
    await desk.recordings.start(entry, randomId());
    expect(await statesOf(desk)).toEqual(['lost', 'capturing']);
  });
});

describe('a start that is overtaken', () => {
  it('by a stop captures nothing, and the next start works', async () => {
    const { desk, open } = armingDesk();
    const starting = desk.recordings.start(entry, randomId());
    await until(async () => (await statesOf(desk))[0] === 'starting');
    const id = await desk.recordings.stop(entry);
    open();
    await expect(starting).rejects.toMatchObject({ code: 'recording-not-running' });
    expect(desk.alive.get(id)?.takeId).toBeNull();
    await desk.recordings.start(entry, randomId());
    expect((await statesOf(desk)).at(-1)).toBe('capturing');
  });

  it('by a stop after another take does not end as that one', async () => {
    const gate = Promise.withResolvers<void>();
    let second = false;
    const desk = deskOf({ arm: async () => (second ? gate.promise : undefined) });
    await desk.recordings.start(entry, randomId());
    await desk.recordings.stop(entry);
    second = true;
    const starting = desk.recordings.start(entry, randomId());
    await until(async () => (await statesOf(desk))[1] === 'starting');
    const id = await desk.recordings.stop(entry);
    gate.resolve();
    await expect(starting).rejects.toMatchObject({ code: 'recording-not-running' });
    expect([desk.alive.get(id)?.takeId, (await statesOf(desk))[0]]).toEqual([null, 'closed']);
    expect(['lost', 'closed']).toContain((await statesOf(desk))[1]);
  });

  it('pain 8: by the end of its live session leaves no capture behind', async () => {
    const { desk, open } = armingDesk();
    const starting = desk.recordings.start(entry, randomId());
    await until(async () => (await statesOf(desk))[0] === 'starting');
    await desk.recordings.finishLiveSession(entry.liveSessionId);
    open();
    await expect(starting).rejects.toMatchObject({ code: 'recording-not-running' });
    expect(desk.alive.size).toBe(0);
  });
});

describe('a live session that is ending, but still stands in the list of live rooms', () => {
  it('is recorded no more, and gets no second recording', async () => {
    const desk = deskOf();
    await desk.recordings.start(entry, randomId());
    await desk.recordings.finishLiveSession(entry.liveSessionId);
    await expect(desk.recordings.start(entry, randomId())).rejects.toMatchObject({ code: 'room-not-live' });
    const { liveSessionId } = entry;
    expect([desk.alive.size, await app.database.prisma.recording.count({ where: { liveSessionId } })]).toEqual([0, 1]);
  });

  it('overtakes a start that still asks whether everything is there', async () => {
    const { liveSessionId } = entry;
    const desk = deskOf({ conditions: () => desk.recordings.finishLiveSession(liveSessionId) });
    await expect(desk.recordings.start(entry, randomId())).rejects.toMatchObject({ code: 'room-not-live' });
    const rows = await app.database.prisma.recording.findMany({ where: { liveSessionId }, include: { takes: true } });
    expect(rows.map(({ state, takes }) => [state, takes.map((take) => take.state)])).toEqual([['closed', []]]);
    expect([desk.alive.size, desk.lights]).toEqual([0, []]);
  });
});

describe('stopping', () => {
  it('is answered when the master is queued, although the capture itself has told of its end before', async () => {
    const [sending, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const order: string[] = [];
    const desk = deskOf({
      send: async () => {
        sending.resolve();
        await gate.promise;
        order.push('sent');
      },
      beforeAnswer: () => sending.promise,
    });
    await desk.recordings.start(entry, randomId());
    const stopped = desk.recordings.stop(entry).then(() => order.push('answered'));
    await sending.promise;
    // Two questions to the database are more than the late teller of the two needs
    expect(await statesOf(desk)).toEqual(['closed']);
    expect(await statesOf(desk)).toEqual(['closed']);
    gate.resolve();
    await stopped;
    expect(order).toEqual(['sent', 'answered']);
  });

  it('kills a capture that does not obey, so that nothing is captured behind a closed take', async () => {
    const desk = deskOf();
    const id = await desk.recordings.start(entry, randomId());
    desk.alive.get(id)!.deaf = true;
    await desk.recordings.stop(entry);
    expect([desk.alive.size, await statesOf(desk)]).toEqual([0, ['lost']]);
    await desk.recordings.start(entry, randomId());
    expect(await statesOf(desk)).toEqual(['lost', 'capturing']);
  });
});

it('the journal of a closed recording is read once, however often its host looks', async () => {
  const desk = deskOf();
  const id = await desk.recordings.start(entry, randomId());
  await desk.recordings.finishLiveSession(entry.liveSessionId);
  const dir = join(app.config.recordingsDir, id);
  const [{ id: takeId }] = (await desk.takes.recording(id))!.takes as [Take];
  const anchor = { bootId: 'boot', monotonicMs: 0, wallMs: 1_000 };
  await mkdir(dir, { recursive: true });
  await writeFile(
    join(dir, JOURNAL_FILE),
    journalLine({ type: 'takeStarted', atMs: 1_000, takeId, ordinal: 1, anchor }) +
      journalLine({ type: 'takeStopped', atMs: 3_000, takeId, samples: 2 * SAMPLE_RATE, reason: 'stopped' }),
  );
  const look = async () => {
    const { body } = await ask(app, 'GET', '/api/v1/recordings', { token: host.token });
    return body.recordings.find((one: RecordingView) => one.id === id);
  };
  const first = await until(async () => {
    const seen = await look();
    return seen.replay.state === 'ready' && seen;
  });
  expect(first).toMatchObject({ id, state: 'closed', takes: [{ durationMs: 2_000 }] });
  await rm(dir, { recursive: true });
  expect((await look()).takes).toEqual(first.takes);
});

describe('after the death of the server', () => {
  it('a take that was being stopped is stopped, although its capture went on', async () => {
    const desk = deskOf();
    const id = await desk.recordings.start(entry, randomId());
    await app.database.prisma.take.updateMany({ where: { recordingId: id }, data: { state: 'closing' } });
    await desk.recordings.settle();
    expect([desk.alive.get(id)?.takeId, await statesOf(desk)]).toEqual([null, ['closed']]);
    expect(desk.jobs.length).toBe(1);
  });

  it('a take that ended without its master gets one, and one that has its master no other', async () => {
    const desk = deskOf();
    const id = await desk.recordings.start(entry, randomId());
    await desk.recordings.stop(entry);
    await app.database.prisma.master.deleteMany({ where: { recordingId: id } });
    await desk.recordings.settle();
    const queued = await desk.masters.newestOf(id);
    expect(queued?.cut.length).toBe(1);
    await desk.recordings.settle();
    expect((await desk.masters.newestOf(id))?.id).toBe(queued?.id);
  });

  it('a master whose job was lost is rendered all the same', async () => {
    const desk = deskOf();
    const id = await desk.recordings.start(entry, randomId());
    await desk.recordings.stop(entry);
    desk.jobs.length = 0;
    await desk.render.resume();
    expect(desk.jobs).toContain((await desk.masters.newestOf(id))?.id);
  });

  it('a master holds no take that is still running', async () => {
    const desk = deskOf();
    const id = await desk.recordings.start(entry, randomId());
    await desk.recordings.stop(entry);
    const [first] = await takesOf(desk);
    await desk.recordings.start(entry, randomId());
    await desk.render.queueMaster(id);
    expect((await desk.masters.newestOf(id))?.cut.map(({ takeId }) => takeId)).toEqual([first!.id]);
  });
});
