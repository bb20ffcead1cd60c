import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../scripts/demo/report.ts';
import { runDemo } from '../support/demo-run.ts';
import { loudnessOf } from '../support/loudness.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, decodeSound, onsetsOf, toneDbfs, writeWav } from '../support/sound.ts';
import { ADA, BO, beeps, speak, tone } from '../support/voices.ts';

const SECONDS = 38;
const TURN_SECONDS = 2;
const BEEP_SECONDS = 0.5;
/** Recorded from 4 to 14 and, with a pause, from 18 to 34. */
const TAKES = [
  { from: 4, to: 14 },
  { from: 18, to: 24 },
  { from: 28, to: 34 },
];
const MARK = { at: 20, label: 'good part starts' };
const DECLINED = { name: 'Cy', hz: 8000 };
const SPEAKERS = [
  { name: 'Ada', voice: ADA, hz: 5000, dbfs: -20, first: 0 },
  { name: 'Bo', voice: BO, hz: 6300, dbfs: -35, first: TURN_SECONDS },
];

/** Speech in every other turn of two seconds, and through it all, every half second, a beep above all speech. */
const talkOf = ({ voice, hz, dbfs, first }: (typeof SPEAKERS)[number]): Int16Array => {
  const pcm = new Int16Array(SECONDS * SAMPLE_RATE);
  const speech = speak(voice, SECONDS, dbfs);
  for (let at = first; at < SECONDS; at += 2 * TURN_SECONDS) {
    const [from, to] = [at * SAMPLE_RATE, (at + TURN_SECONDS) * SAMPLE_RATE];
    pcm.set(speech.subarray(from, to), from);
  }
  for (let at = 0; at < SECONDS; at += BEEP_SECONDS) pcm.set(tone(hz, 0.06, dbfs + 2), at * SAMPLE_RATE);
  return pcm;
};

let folder: string;
let report: DemoReport;
let mp3: Int16Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loggia-demo-'));
  const speakers = await Promise.all(
    SPEAKERS.map(async (speaker) => {
      const file = join(folder, `${speaker.name}.wav`);
      await writeWav(file, talkOf(speaker));
      return ['--speaker', `${speaker.name}=${file}`];
    }),
  );
  const declined = join(folder, `${DECLINED.name}.wav`);
  await writeWav(declined, beeps(DECLINED.hz, SECONDS, BEEP_SECONDS, -20));
  const args = [
    ...[...speakers.flat(), '--speaker', `${DECLINED.name}=${declined}`, '--decline', DECLINED.name],
    ...['--record', '4-14', '--record', '18-34', '--pause', '24-28', '--mark', `${MARK.at}=${MARK.label}`],
    ...['--listeners', '2'],
  ];
  report = await runDemo(folder, args);
  mp3 = await decodeSound(report.episode.renditions[0]!.file, services().ffmpegBin);
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** How long the recorder's jitter buffer takes to settle: each take is a join of its own. */
const SETTLED_AFTER_SECONDS = 1;

/** For each beep of a speaker in the settled takes: how much later it lies than its place in the talk, in ms. */
const delaysOf = (hz: number): number[] =>
  onsetsOf(mp3, hz, 0.3).flatMap((at) => {
    let before = 0;
    for (const { startedAt, stoppedAt } of report.takes) {
      const length = stoppedAt - startedAt;
      if (at < before + length) {
        if (at < before + SETTLED_AFTER_SECONDS) return [];
        const talk = startedAt + at - before;
        return [(talk - Math.round(talk / BEEP_SECONDS) * BEEP_SECONDS) * 1000];
      }
      before += length;
    }
    throw new Error(`a beep at ${at} s, after the end`);
  });

/** Where a second of talk lies in the episode, in seconds; undefined outside the takes. */
const placeOf = (talk: number): number | undefined => {
  let before = 0;
  for (const { startedAt, stoppedAt } of report.takes) {
    if (talk >= startedAt && talk < stoppedAt) return before + talk - startedAt;
    before += stoppedAt - startedAt;
  }
  return undefined;
};

/** Loudness of the middle of each turn that began `first` seconds into the talk, or a multiple of four later. */
const turnsIn = async (file: string, first: number): Promise<number[]> => {
  const starts = Array.from({ length: SECONDS / TURN_SECONDS / 2 }, (_, index) => first + index * 2 * TURN_SECONDS);
  const stretches = starts.flatMap((start) => {
    const [from, to] = [placeOf(start + 0.4), placeOf(start + TURN_SECONDS - 0.2)];
    return from !== undefined && to !== undefined && to > from ? [{ fromSeconds: from, toSeconds: to }] : [];
  });
  const read = stretches.map((stretch) => loudnessOf(services().ffmpegBin, file, stretch));
  return (await Promise.all(read)).map(({ lufs }) => lufs);
};

const meanOf = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

describe('the demo', () => {
  it('records exactly the ranges it was told, to 0.3 s, and the episode holds them and nothing else', () => {
    expect(report.takes.length).toBe(TAKES.length);
    report.takes.forEach(({ startedAt, stoppedAt }, index) => {
      expect(Math.abs(startedAt - TAKES[index]!.from), `start ${startedAt}`).toBeLessThanOrEqual(0.3);
      expect(Math.abs(stoppedAt - TAKES[index]!.to), `stop ${stoppedAt}`).toBeLessThanOrEqual(0.3);
    });
    const taken = report.takes.reduce((sum, { startedAt, stoppedAt }) => sum + stoppedAt - startedAt, 0);
    expect(Math.abs(mp3.length / SAMPLE_RATE - taken)).toBeLessThan(0.05);
    for (const rendition of report.episode.renditions) {
      expect(Math.abs(rendition.durationMs / 1000 - taken)).toBeLessThan(0.05);
    }
  });

  it('lets listeners hear at least 97 % of it', () => {
    expect(report.listeners.length).toBe(2);
    for (const { heardSeconds } of report.listeners) expect(heardSeconds).toBeGreaterThanOrEqual(0.97 * SECONDS);
  });

  it('publishes both speakers in step: within 60 ms of each other at the 95th percentile', () => {
    const [ada, bo] = SPEAKERS.map(({ hz }) => delaysOf(hz));
    expect(ada!.length).toBeGreaterThanOrEqual(34);
    expect(Math.abs(bo!.length - ada!.length)).toBeLessThanOrEqual(1);
    const pairs = ada!.slice(0, bo!.length).map((delay, index) => Math.abs(delay - bo![index]!));
    const p95 = pairs.toSorted((a, b) => a - b)[Math.ceil(pairs.length * 0.95) - 1]!;
    expect(p95, JSON.stringify({ ada, bo })).toBeLessThanOrEqual(60);
  });

  it('is −16 ± 0.7 LUFS with a true peak of at most −1 dBTP in every rendition', async () => {
    for (const { file, type } of report.episode.renditions) {
      const { lufs, dbtp } = await loudnessOf(services().ffmpegBin, file);
      expect(Math.abs(lufs + 16), `${type} ${lufs} LUFS`).toBeLessThanOrEqual(0.7);
      expect(dbtp, `${type} ${dbtp} dBTP`).toBeLessThanOrEqual(-1);
    }
  });

  it('brings speakers who were 15 dB apart within 2 LU of each other', async () => {
    const { file } = report.episode.renditions[0]!;
    const [ada, bo] = await Promise.all(SPEAKERS.map(async ({ first }) => meanOf(await turnsIn(file, first))));
    expect(Math.abs(ada! - bo!), `Ada ${ada} LUFS, Bo ${bo} LUFS`).toBeLessThanOrEqual(2);
  });

  it('names every track with its speaker, take, file and offset', () => {
    const named = report.tracks.map(({ speaker, take }) => `${speaker} ${take}`).toSorted();
    expect(named).toEqual(['Ada 1', 'Ada 2', 'Ada 3', 'Bo 1', 'Bo 2', 'Bo 3']);
  });

  it('has a voice that declined in no file', async () => {
    const files = [...report.tracks, ...report.episode.renditions, report.replay].map(({ file }) => file);
    for (const file of files) {
      const pcm = await decodeSound(file, services().ffmpegBin);
      expect(toneDbfs(pcm, DECLINED.hz), file).toBeLessThan(-80);
    }
  });

  it('tells where the mark was set, what the files measure, and that nothing was lost', () => {
    expect(report.marks).toEqual([{ take: 2, at: expect.closeTo(MARK.at, 0), label: MARK.label }]);
    expect(report.quality?.files.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['mp3', 'm4a', 'opus']));
    expect(report.gaps.filter(({ reason }) => reason === 'captureLost')).toEqual([]);
  });

  it('keeps what the address of the replay served within 2 s of the stop: all takes, and nothing else', async () => {
    expect(report.timings.stopToReplayMs).toBeLessThanOrEqual(2_000);
    expect((await stat(report.replay.file)).size).toBeGreaterThan(0);
    const replay = await decodeSound(report.replay.file, services().ffmpegBin);
    const taken = report.takes.reduce((sum, { startedAt, stoppedAt }) => sum + stoppedAt - startedAt, 0);
    expect(Math.abs(replay.length / SAMPLE_RATE - taken)).toBeLessThan(0.1 * report.takes.length);
    for (const { hz } of SPEAKERS) expect(onsetsOf(replay, hz, 0.3).length).toBeGreaterThanOrEqual(2 * taken - 4);
  });
});
