import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptCapture } from '../../server/recording/capture/capture.client.ts';
import type { CaptureRig } from '../support/capture-rig.ts';
import { beepTimesMs, captureRig, isAlive, pointerPid, takeOf, allowed } from '../support/capture-rig.ts';
import { SAMPLE_RATE, levelDbfs, onsetsOf, toneDbfs } from '../support/sound.ts';
import { until } from '../support/wait.ts';

const ADA_HZ = 1000;
const BO_HZ = 1700;
const CY_HZ = 2500;
/** Of a frame of sound. */
const FRAME_MS = 20;

let rig: CaptureRig;
beforeEach(async () => {
  rig = await captureRig();
});
afterEach(() => rig.close());

/** The difference of each beep of one list to the nearest of another, sorted. */
const distances = (some: number[], others: number[]): number[] =>
  some.map((at) => Math.min(...others.map((other) => Math.abs(at - other)))).toSorted((a, b) => a - b);

const percentile95 = (sorted: number[]): number => sorted[Math.ceil(sorted.length * 0.95) - 1]!;

const reached = (positionMs: number, handle: { status: () => Promise<{ positionMs: number }> }) =>
  until(async () => (await handle.status()).positionMs >= positionMs, { timeoutMs: 30_000, what: `${positionMs} ms` });

describe('a take of two speakers', () => {
  it('has one file for each, beeps within 60 ms of each other, levels as they were spoken', async () => {
    const [ada, bo] = await Promise.all([
      rig.beeper('ada', ADA_HZ, { everySeconds: 0.25 }),
      rig.beeper('bo', BO_HZ, { everySeconds: 0.25, dbfs: -27 }),
    ]);
    const capture = await rig.capture();
    const t0 = Date.now() + 500;
    ada.talk(t0);
    bo.talk(t0);
    const askedAtMs = Date.now();
    const started = await capture.startTake(takeOf('take', 'ada', 'bo'));
    expect(started.startedAtMs - askedAtMs).toBeLessThan(1_000);
    await reached(14_000, capture);
    const stopped = await capture.stopTake();
    await capture.finish();

    const take = await rig.take('take');
    expect(take).toMatchObject({ state: 'closed', stopReason: 'stopped', lengthSamples: stopped.samples, gaps: [] });
    expect(take.tracks.map((track) => track.speaker).toSorted()).toEqual(['ADA', 'BO']);
    const [adaTrack, boTrack] = take.tracks.toSorted((a, b) => a.speaker.localeCompare(b.speaker));
    const [adaPcm, boPcm] = [await rig.pcmOf(adaTrack!), await rig.pcmOf(boTrack!)];
    expect([adaPcm.length, boPcm.length]).toEqual([adaTrack!.lengthSamples, boTrack!.lengthSamples]);
    const adaBeeps = beepTimesMs(take, adaTrack!, adaPcm, ADA_HZ);
    expect(adaBeeps.length).toBeGreaterThanOrEqual(50);
    expect(percentile95(distances(adaBeeps, beepTimesMs(take, boTrack!, boPcm, BO_HZ)))).toBeLessThanOrEqual(60);
    expect(Math.abs(levelDbfs(adaPcm) - levelDbfs(boPcm) - 15)).toBeLessThan(1);
    const shortest = Math.min(...take.tracks.map((track) => track.offsetSamples + track.lengthSamples));
    expect(take.lengthSamples - shortest).toBeLessThan(SAMPLE_RATE / 5);
  });
});

describe('consent', () => {
  it('lets a speaker who did not agree into no file and no line of the journal', async () => {
    const [ada, cy] = await Promise.all([rig.beeper('ada', ADA_HZ), rig.beeper('cy', CY_HZ)]);
    const capture = await rig.capture();
    const t0 = Date.now() + 300;
    ada.talk(t0);
    cy.talk(t0);
    await capture.startTake(takeOf('take', 'ada'));
    await reached(4_000, capture);
    await capture.finish();
    const take = await rig.take('take');
    expect(await readdir(join(rig.dir, 'raw'))).toHaveLength(1);
    const pcm = await rig.pcmOf(take.tracks[0]!);
    expect(onsetsOf(pcm, ADA_HZ).length).toBeGreaterThanOrEqual(3);
    expect(toneDbfs(pcm, CY_HZ)).toBeLessThan(-80);
    expect(await rig.journal()).not.toContain('"cy"');
  });

  it('taken back while the take is being made counts from its first sample', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    const capture = await rig.capture();
    ada.talk(Date.now() + 300);
    const started = capture.startTake(takeOf('take', 'ada'));
    await capture.setAllowed([]);
    await started;
    await reached(1_500, capture);
    await capture.finish();
    expect(await readdir(join(rig.dir, 'raw'))).toEqual([]);
  });

  it('given and taken back during a take, opens and closes the file at that moment', async () => {
    const [ada, cy] = await Promise.all([rig.beeper('ada', ADA_HZ), rig.beeper('cy', CY_HZ)]);
    const capture = await rig.capture();
    const t0 = Date.now() + 300;
    ada.talk(t0);
    cy.talk(t0);
    await capture.startTake(takeOf('take', 'ada'));
    await reached(2_000, capture);
    const givenAt = (await capture.status()).positionMs;
    await capture.setAllowed([allowed('ada'), allowed('cy')]);
    await reached(5_000, capture);
    await capture.setAllowed([allowed('ada')]);
    const takenAt = (await capture.status()).positionMs;
    await reached(7_000, capture);
    await capture.finish();
    const track = (await rig.take('take')).tracks.find((candidate) => candidate.speaker === 'CY')!;
    const endMs = ((track.offsetSamples + track.lengthSamples) * 1000) / SAMPLE_RATE;
    // A frame is laid so that it ends with its arrival: the first one begins up to its own length before
    expect((track.offsetSamples * 1000) / SAMPLE_RATE).toBeGreaterThanOrEqual(givenAt - FRAME_MS);
    expect(endMs).toBeLessThanOrEqual(takenAt);
    expect(endMs).toBeGreaterThan(takenAt - 300);
  });
});

describe('starting and stopping', () => {
  it('a stop during the start leaves nothing behind, and the next start works', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    const capture = await rig.capture();
    const start = capture.startTake(takeOf('aborted', 'ada')).catch((error: { code: string }) => error.code);
    expect(await capture.stopTake()).toMatchObject({ takeId: 'aborted', samples: 0 });
    expect(await start).toBe('recording-not-running');
    expect(await readdir(join(rig.dir, 'raw'))).toEqual([]);
    await capture.startTake(takeOf('next', 'ada'));
    await capture.finish();
    expect(await rig.take('aborted')).toBeUndefined();
    expect((await rig.take('next')).state).toBe('closed');
    expect(ada.bot.recordings.at(-1)?.on).toBe(false);
  });

  it('two starts of one take are one take, and another one is refused', async () => {
    const capture = await rig.capture();
    const starts = [capture.startTake(takeOf('take')), capture.startTake(takeOf('take'))];
    const other = capture.startTake(takeOf('other')).catch((error: { code: string }) => error.code);
    const [first, second] = await Promise.all(starts);
    expect(first).toEqual(second);
    expect(await other).toBe('recording-running');
    await capture.finish();
    expect((await rig.journal()).match(/"takeStarted"/g)).toHaveLength(1);
  });

  it('a take that was stopped cannot be resumed', async () => {
    const capture = await rig.capture();
    await capture.startTake(takeOf('take'));
    await capture.stopTake();
    await expect(capture.resumeTake(takeOf('take'))).rejects.toMatchObject({ code: 'recording-not-running' });
    await capture.finish();
    expect((await rig.journal()).match(/"takeStarted"/g)).toHaveLength(1);
  });

  it('an empty room records silence', async () => {
    const capture = await rig.capture();
    await capture.startTake(takeOf('take'));
    await reached(1_500, capture);
    const { samples } = await capture.stopTake();
    await capture.finish();
    expect(samples).toBeGreaterThanOrEqual(1.5 * SAMPLE_RATE);
    expect(await rig.take('take')).toMatchObject({ lengthSamples: samples, tracks: [], state: 'closed' });
  });

  it('in a room that is not there is a Problem in less than five seconds, and the process stays usable', async () => {
    await rig.room.end();
    const capture = await rig.capture();
    const askedAt = performance.now();
    await expect(capture.startTake(takeOf('take'))).rejects.toMatchObject({ code: 'recording-unavailable' });
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    expect(await capture.status()).toMatchObject({ state: 'warm', takeId: null });
    await capture.finish();
  });

  it('when the room is ended the take closes by itself, with the last second in the file', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    const capture = await rig.capture();
    ada.talk(Date.now() + 200);
    await capture.startTake(takeOf('take', 'ada'));
    await reached(3_000, capture);
    const ended = Promise.withResolvers<string>();
    capture.onEvent((event) => {
      if (event.event === 'takeStopped') ended.resolve(event.stopped.reason);
    });
    const { positionMs } = await capture.status();
    await rig.room.end();
    expect(await ended.promise).toBe('roomEnded');
    await capture.finish();
    const [track] = (await rig.take('take')).tracks;
    const endMs = ((track!.offsetSamples + track!.lengthSamples) * 1000) / SAMPLE_RATE;
    expect(endMs).toBeGreaterThan(positionMs - 100);
  });
});

describe('death', () => {
  it('of its folder ends the capture', async () => {
    const capture = await rig.capture();
    await rm(rig.dir, { recursive: true });
    await until(() => !isAlive(capture.pid), { what: 'the capture has ended' });
  });

  it('of the capture by SIGKILL costs at most 2 s; the same take goes on, and the gap is listed to 0.1 s', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    const first = await rig.capture();
    const t0 = Date.now() + 200;
    ada.talk(t0);
    await first.startTake(takeOf('take', 'ada'));
    await reached(4_300, first);
    const gone = new Promise<string>((resolve) => first.onGone(resolve));
    const { positionMs } = await first.status();
    process.kill(first.pid, 'SIGKILL');
    expect(await gone).toBe('exited');
    await until(() => !isAlive(first.pid), { what: 'the capture is dead' });

    const second = await rig.capture();
    await second.resumeTake(takeOf('take', 'ada'));
    await reached(positionMs + 5_000, second);
    await second.finish();

    const take = await rig.take('take');
    expect(take.tracks.map((track) => track.epoch)).toEqual([1, 2]);
    const [before, after] = take.tracks;
    const endOfFirst = before!.offsetSamples + before!.lengthSamples;
    expect(positionMs - (endOfFirst * 1000) / SAMPLE_RATE).toBeLessThan(2_000);
    expect(take.gaps).toHaveLength(1);
    expect(Math.abs(take.gaps[0]!.fromSample - endOfFirst)).toBeLessThan(SAMPLE_RATE / 10);
    expect(Math.abs(take.gaps[0]!.toSample - after!.offsetSamples)).toBeLessThan(SAMPLE_RATE / 10);
    const heardBefore = beepTimesMs(take, before!, await rig.pcmOf(before!), ADA_HZ).map((at) => (at - t0) % 1000);
    const heardAfter = beepTimesMs(take, after!, await rig.pcmOf(after!), ADA_HZ).map((at) => (at - t0) % 1000);
    expect(Math.abs(heardBefore.at(-1)! - heardAfter.at(-1)!)).toBeLessThan(100);
    expect(ada.bot.recordings.at(-1)?.on).toBe(false);
  });

  it('by its own memory hands the take over: at most 2 s are lost, and the gap is listed', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    const first = await rig.capture();
    ada.talk(Date.now() + 200);
    await first.startTake(takeOf('take', 'ada'));
    await reached(3_000, first);
    const { rssBytes } = await first.status();
    await first.finish();

    const grown = await rig.capture({ maxRssBytes: Math.round(rssBytes * 0.9) });
    const gone = new Promise<string>((resolve) => grown.onGone(resolve));
    await grown.startTake({ ...takeOf('large', 'ada'), ordinal: 1 });
    expect(await gone).toBe('memoryHigh');
    await until(() => !isAlive(grown.pid), { what: 'it has ended' });
    const next = await rig.capture();
    await next.resumeTake({ ...takeOf('large', 'ada'), ordinal: 1 });
    await reached(4_000, next);
    await next.finish();

    const take = await rig.take('large');
    expect([take.state, take.gaps.length]).toEqual(['closed', 1]);
    const [{ fromSample, toSample }] = take.gaps as [(typeof take.gaps)[0]];
    const [before, after] = take.tracks;
    expect(Math.abs(fromSample - before!.offsetSamples - before!.lengthSamples)).toBeLessThan(SAMPLE_RATE / 10);
    expect(Math.abs(toSample - after!.offsetSamples)).toBeLessThan(SAMPLE_RATE / 10);
    expect(await rig.pcmOf(before!)).toHaveLength(before!.lengthSamples);
    expect(toSample - fromSample).toBeLessThan(3 * SAMPLE_RATE);
  });

  it('of the controller by SIGKILL costs nothing; the next one finds the capture and its running take', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    ada.talk(Date.now() + 200);
    const orderPath = join(rig.dir, 'order.json');
    await writeFile(orderPath, JSON.stringify({ startUp: await rig.startUp(), take: takeOf('take', 'ada') }));
    const main = fileURLToPath(new URL('../support/capture-controller.main.ts', import.meta.url));
    const controller = spawn(process.execPath, [main, orderPath], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(controller.stdout, 'data');
    const capturePid = await pointerPid(rig.dir);
    controller.kill('SIGKILL');
    await once(controller, 'exit');

    const found = await adoptCapture(rig.dir);
    expect(found?.pid).toBe(capturePid);
    expect(await found!.status()).toMatchObject({ state: 'capturing', takeId: 'take', gaps: 0 });
    await reached(3_000, found!);
    await found!.finish();
    await until(() => !isAlive(capturePid), { what: 'the capture has ended' });
    const take = await rig.take('take');
    expect(take).toMatchObject({ state: 'closed', gaps: [] });
    expect(take.tracks).toHaveLength(1);
    expect(await adoptCapture(rig.dir)).toBeUndefined();
  });
});
