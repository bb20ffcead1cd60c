import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { apiLogFile } from '../../scripts/services/api.ts';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { Bot } from '../support/bot.ts';
import { isAlive } from '../support/capture-rig.ts';
import { eventClient } from '../support/event-client.ts';
import { services } from '../support/services.ts';
import type { Line, ListedGap } from '../support/talking-clock.ts';
import { lineOf, missingBeeps, takeGaps } from '../support/talking-clock.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';
import type { WholeHouse } from '../support/whole-house.ts';
import { CONSENT, startWholeHouse } from '../support/whole-house.ts';

const HZ = 1000;
const EVERY = 0.25;

let whole: WholeHouse;
const bots: Bot[] = [];
beforeAll(async () => {
  whole = await startWholeHouse();
}, 120_000);
afterEach(async () => {
  await Promise.all(bots.splice(0).map((bot) => bot.leave().catch(() => {})));
});
afterAll(() => whole.stop());

const at = (t0: number, seconds: number) =>
  until(() => Date.now() >= t0 + seconds * 1000, { timeoutMs: 60_000, what: `second ${seconds} of the talk` });

const eveningOf = async (name: string): Promise<{ room: string; speaker: Bot }> => {
  const evening = await whole.evening(name);
  bots.push(evening.speaker);
  return evening;
};

const liveRoom = async (title: string): Promise<string> => {
  const { slug } = await whole.house.createRoom(title, '');
  await whole.house.startLiveSession(slug);
  return slug;
};

/** Begins to beep for `seconds`, a second from now; answers when that is. */
const beepFrom = async (speaker: Bot, name: string, seconds: number): Promise<number> => {
  const wav = await whole.wav(`${name}.wav`, beeps(HZ, seconds, EVERY));
  const t0 = Date.now() + 1_000;
  void speaker.talk(wav, t0, services().ffmpegBin).catch(() => {});
  return t0;
};

const closed = (recordingId: string): Promise<RecordingView> =>
  until(
    async () => {
      const recording = await whole.house.recording(recordingId);
      return recording.state === 'closed' && recording;
    },
    { what: 'the recording is closed' },
  );

const kept = async (id: string, name: string, t0: number): Promise<Line & { takeGaps: ListedGap[] }> => {
  const dir = join(whole.recordingsDir, id);
  const [take] = (await readTimeline(dir)).takes;
  const clock = { dir, take: take!, t0, ffmpegBin: services().ffmpegBin };
  return { ...(await lineOf(clock, name, HZ)), takeGaps: takeGaps(clock) };
};

describe('the end of a room that is recorded', () => {
  it('is in the recording up to its last 0.3 s; the capture ends with it, and holds nothing more', async () => {
    const { room, speaker } = await eveningOf('Ada');
    const { id } = await whole.house.startRecording(room);
    const pid = await whole.capturePid(id);
    const t0 = await beepFrom(speaker, 'ada', 20);
    await at(t0, 5.1);
    await whole.house.endLiveSession(room);
    const { takes } = await closed(id);
    expect(takes[0]!.state).toBe('closed');
    const { beeps: heard } = await kept(id, 'Ada', t0);
    expect(missingBeeps(heard, EVERY, { from: 0.5, to: 5 })).toEqual([]);
    await until(() => !isAlive(pid!), { what: 'the capture has ended' });
    await whole.ready(id);
  });
});

describe('whoever started a recording', () => {
  it('may lose the connection: it goes on, complete, and ends with its live session', async () => {
    const { room, speaker } = await eveningOf('Bo');
    const host = await eventClient(await whole.house.hostTicket(room, CONSENT));
    const { id } = await whole.house.startRecording(room);
    const t0 = await beepFrom(speaker, 'bo', 20);
    await at(t0, 2);
    host.socket.terminate();
    await at(t0, 6);
    const during = await whole.house.recording(id);
    expect(during.takes.map(({ state }) => state)).toEqual(['capturing']);
    await whole.house.endLiveSession(room);
    expect((await closed(id)).takes).toHaveLength(1);
    const { beeps: heard, files } = await kept(id, 'Bo', t0);
    expect([missingBeeps(heard, EVERY, { from: 0.5, to: 5.7 }), files]).toEqual([[], 1]);
  });

  it('stands in the log with every order; nobody else can stop it', async () => {
    const { room, speaker } = await eveningOf('Cy');
    const { id } = await whole.house.startRecording(room);
    const { mediaToken } = await whole.house.listenerTicket(room);
    const stop = (headers: Record<string, string>) =>
      fetch(`${whole.stack.baseUrl}/api/v1/rooms/${room}/recording/stop`, { method: 'POST', headers });
    const refused = [await stop({}), await stop({ authorization: `Bearer ${mediaToken}` })].map(({ status }) => status);
    expect(refused.every((status) => [401, 403].includes(status))).toBe(true);
    expect((await whole.house.recording(id)).takes[0]!.state).toBe('capturing');
    await whole.house.stopRecording(room);
    const log = await readFile(apiLogFile(whole.stack.config), 'utf8');
    const orders = log.split('\n').filter((line) => line.includes('"recording ordered"'));
    const last = JSON.parse(orders.at(-1)!) as Record<string, string>;
    expect(last).toMatchObject({ action: 'stopRecording', hostId: expect.any(String) as string });
    await speaker.leave();
    bots.length = 0;
    await whole.house.endLiveSession(room);
  });
});

describe('a start', () => {
  it('in an empty room, and in a silent one, records silence of the right length', async () => {
    const empty = await liveRoom('Nobody');
    const { room: silent } = await eveningOf('Dee');
    for (const room of [empty, silent]) {
      const askedAt = performance.now();
      const { id } = await whole.house.startRecording(room);
      expect(performance.now() - askedAt).toBeLessThan(5_000);
      const t0 = Date.now();
      await at(t0, 3);
      const { takes } = await whole.house.stopRecording(room);
      expect(takes[0]!.state).toBe('closed');
      expect(Math.abs(takes[0]!.durationMs! - (Date.now() - t0))).toBeLessThan(700);
      const { master } = await whole.ready(id);
      expect(Math.abs(master!.durationMs! - takes[0]!.durationMs!)).toBeLessThanOrEqual(1);
      await whole.house.endLiveSession(room);
    }
  });

  it('that is stopped within its first second leaves a short take and a room that records again', async () => {
    const { room } = await eveningOf('Eve');
    for (let round = 1; round <= 3; round++) {
      const started = whole.house.startRecording(room);
      const stopped = started.then(() => whole.house.stopRecording(room));
      const { takes } = await stopped;
      expect(takes.map(({ state }) => state)).toEqual(Array(round).fill('closed'));
    }
    await whole.house.endLiveSession(room);
  });
});

/** CPU seconds and resident bytes of a process so far (proc(5)). */
const costOf = async (pid: number): Promise<{ cpuSeconds: number; rssBytes: number }> => {
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  const [utime, stime, rssPages] = [11, 12, 21].map((field) => Number(stat[field]));
  return { cpuSeconds: (utime! + stime!) / 100, rssBytes: rssPages! * 4096 };
};

describe('four rooms at once', () => {
  it('are all recorded, completely, on two cores', async () => {
    const SECONDS = 15;
    const names = ['Ann', 'Ben', 'Cal', 'Dot'];
    const rooms = [];
    for (const name of names) rooms.push({ name, ...(await eveningOf(name)) });
    const recordings = await Promise.all(rooms.map(({ room }) => whole.house.startRecording(room)));
    const starts = await Promise.all(rooms.map(({ speaker, name }) => beepFrom(speaker, name, 30)));
    const pids = await Promise.all(recordings.map(({ id }) => whole.capturePid(id)));
    const before = await Promise.all(pids.map((pid) => costOf(pid!)));
    await at(Math.max(...starts), SECONDS);
    const after = await Promise.all(pids.map((pid) => costOf(pid!)));
    await Promise.all(rooms.map(({ room }) => whole.house.stopRecording(room)));
    const lines = await Promise.all(recordings.map(({ id }, i) => kept(id, names[i]!, starts[i]!)));
    const cpu = after.map(({ cpuSeconds }, i) => (cpuSeconds - before[i]!.cpuSeconds) / SECONDS);
    const rss = after.map(({ rssBytes }) => Math.round(rssBytes / 2 ** 20));
    const gaps = lines.map((line) => line.gaps.length + line.takeGaps.length);
    console.log(
      `four rooms at once: CPU per capture ${cpu.map((share) => `${Math.round(share * 100)} %`).join(', ')} of a core; ` +
        `memory ${rss.join(', ')} MiB; gaps ${gaps.join(', ')}`,
    );
    for (const { beeps: heard } of lines) expect(missingBeeps(heard, EVERY, { from: 1, to: SECONDS - 1 })).toEqual([]);
    expect(Math.max(...cpu)).toBeLessThan(0.4);
    expect(Math.max(...rss)).toBeLessThan(400);
    await Promise.all(rooms.map(({ room }) => whole.house.endLiveSession(room)));
  });
});
