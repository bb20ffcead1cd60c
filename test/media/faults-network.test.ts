import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import type { CuttableBot } from '../support/net-cut.ts';
import { startCuttableBot } from '../support/net-cut.ts';
import { services } from '../support/services.ts';
import type { Clock, Line, Span } from '../support/talking-clock.ts';
import { lateness, lineOf, missingBeeps, takeGaps, within } from '../support/talking-clock.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';
import type { WholeHouse } from '../support/whole-house.ts';
import { CONSENT, startWholeHouse } from '../support/whole-house.ts';

const EVERY = 0.25;
const SECONDS = 58;
const LAST_CUT_ENDS = 47;

/** Who beeps at which frequency, and when their network is gone. */
const PEOPLE: { name: string; hz: number; cuts: Span[] }[] = [
  { name: 'Ada', hz: 1000, cuts: [{ from: 5, to: 5.3 }] },
  { name: 'Bo', hz: 1700, cuts: [{ from: 6, to: 11 }] },
  { name: 'Cy', hz: 2500, cuts: [{ from: 7, to: LAST_CUT_ENDS }] },
  { name: 'Dee', hz: 3300, cuts: [] },
];
/** In a room of their own, so that nobody else keeps the recording alive. */
const ALONE = {
  name: 'Eve',
  hz: 1000,
  cuts: [
    { from: 5, to: 5.3 },
    { from: 10, to: 15 },
  ],
};
type Person = typeof ALONE;

let whole: WholeHouse;
const lines = new Map<string, Line>();
/** Who came back, and the second from which they spoke again. */
const spokeAgain = new Map<string, number>();
const reasons: (string | null)[] = [];
let others: Span[] = [];

const at = (t0: number, seconds: number) =>
  until(() => Date.now() >= t0 + seconds * 1000, { timeoutMs: 60_000, what: `second ${seconds} of the talk` });

const enter = async (room: string, { name }: Person): Promise<CuttableBot> => {
  const { mediaUrl, mediaToken } = await whole.house.speakerTicket(room, name, CONSENT);
  const bot = await startCuttableBot({ mediaUrl, token: mediaToken });
  await bot.publish();
  return bot;
};

/** Whom the room has let go comes back as soon as there is a network again, and says what is left to say. */
const comeBack = async (bot: CuttableBot, { name, hz }: Person, t0: number): Promise<CuttableBot> => {
  process.kill(bot.pid, 'SIGKILL');
  const back = await bot.comeBack();
  await back.publish();
  const second = Math.ceil((Date.now() - t0) / 1000) + 1;
  spokeAgain.set(name, second);
  const wav = await whole.wav(`${name}-again.wav`, beeps(hz, SECONDS - second, EVERY));
  void back.talk(wav, t0 + second * 1000, services().ffmpegBin).catch(() => {});
  return { ...bot, ...back };
};

/** Speaks through the person's cuts, and leaves after the last second. */
const speakThrough = async (bot: CuttableBot, person: Person, t0: number): Promise<void> => {
  const wav = await whole.wav(`${person.name}.wav`, beeps(person.hz, SECONDS, EVERY));
  void bot.talk(wav, t0, services().ffmpegBin).catch(() => {});
  let present = bot;
  for (const { from, to } of person.cuts) {
    await at(t0, from);
    await bot.cut();
    await at(t0, to);
    await bot.heal();
    if (to - from > 10) present = await comeBack(bot, person, t0);
  }
  await at(t0, SECONDS - 2);
  await present.leave().catch(() => {});
  await bot.dispose();
};

/** A recorded evening of these people; keeps their lines. */
const evening = async (people: Person[]): Promise<Clock> => {
  const { slug: room } = await whole.house.createRoom(`Evening of ${people[0]!.name}`, '');
  await whole.house.startLiveSession(room);
  const bots: CuttableBot[] = [];
  for (const person of people) bots.push(await enter(room, person));
  const { id } = await whole.house.startRecording(room);
  const t0 = Date.now() + 1_500;
  const talks = Promise.all(people.map((person, index) => speakThrough(bots[index]!, person, t0)));
  await at(t0, SECONDS - 3);
  await whole.house.stopRecording(room);
  await talks;
  await whole.house.endLiveSession(room);
  const dir = join(whole.recordingsDir, id);
  const [take] = (await readTimeline(dir)).takes;
  const clock = { dir, take: take!, t0, ffmpegBin: services().ffmpegBin };
  for (const { name, hz } of people) lines.set(name, await lineOf(clock, name, hz));
  reasons.push(take!.stopReason);
  return clock;
};

beforeAll(async () => {
  whole = await startWholeHouse();
  const [full] = await Promise.all([evening(PEOPLE), evening([ALONE])]);
  others = takeGaps(full);
}, 180_000);
afterAll(() => whole.stop());

/** Seconds after the network is back until the voice is. */
const COMES_BACK_WITHIN = 1;
const heardSpan = { from: 1, to: SECONDS - 4 };

/** After the return there is nothing to hear until the first word. */
const isUnsaid = (name: string, second: number): boolean =>
  second > LAST_CUT_ENDS && second < (spokeAgain.get(name) ?? 0);

/** Everything outside the cuts is there, what was lost is listed as lost, and before and after are in sync. */
const judge = ({ name, cuts }: Person, comesBackWithin = COMES_BACK_WITHIN): void => {
  const { beeps: heard, gaps } = lines.get(name)!;
  const away = cuts.map(({ from, to }) => ({ from: from - 0.2, to: to + comesBackWithin }));
  const missing = missingBeeps(heard, EVERY, heardSpan);
  expect(
    missing.filter((second) => !within(away, second)),
    `${name}: missing though the network was there; there are ${heard.length} beeps and ${JSON.stringify(gaps)}`,
  ).toEqual([]);
  const lost = gaps.filter(({ reason }) => reason === 'networkLost');
  expect(
    missing.filter((second) => !within(lost, second, 0.25) && !isUnsaid(name, second)),
    `${name}: lost and not listed: ${JSON.stringify(lost)}`,
  ).toEqual([]);
  for (const { from, to } of cuts) {
    const listed = lost.find((gap) => gap.from < to && gap.to > from);
    expect(listed, `${name}: the cut at ${from} s is not listed in ${JSON.stringify(gaps)}`).toBeDefined();
    expect(Math.abs(listed!.from - from)).toBeLessThan(0.5);
    expect(listed!.to).toBeLessThan(to + comesBackWithin + 0.3);
    const before = lateness(heard, EVERY, { from: from - 3, to: from });
    const after = lateness(heard, EVERY, { from: to + comesBackWithin, to: to + comesBackWithin + 3 });
    expect(Math.abs(before - after), `${name}: out of step after ${to} s`).toBeLessThan(0.06);
  }
};

describe('a speaker whose network is cut', () => {
  it.each([
    ['0.3 s', PEOPLE[0]!],
    ['5 s', PEOPLE[1]!],
  ])('for %s has one continuous file: what was said before and after is in sync, the gap is listed', (_, person) => {
    judge(person);
    expect(lines.get(person.name)!.files).toBe(1);
  });

  it('for 40 s comes back into the same line of the take, with the whole gap listed', () => {
    judge(PEOPLE[2]!, 5);
    expect(lines.get('Cy')!.beeps.filter((second) => second > LAST_CUT_ENDS + 5).length).toBeGreaterThan(5);
  });

  it('takes nothing from the others', () => {
    const { beeps: heard, files, gaps } = lines.get('Dee')!;
    expect(missingBeeps(heard, EVERY, heardSpan)).toEqual([]);
    const long = gaps.filter(({ from, to }) => from < heardSpan.to && to - from > 0.3);
    expect([files, long, others]).toEqual([1, [], []]);
  });

  it('and who is alone on stage does not end the recording: one continuous file with silence', () => {
    judge(ALONE);
    expect(lines.get('Eve')!.files).toBe(1);
    expect(reasons).toEqual(['stopped', 'stopped']);
  });
});
