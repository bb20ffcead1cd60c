import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseJournal } from '../../server/recording/capture/journal.ts';
import type { CaptureRig } from '../support/capture-rig.ts';
import { captureRig, reached, takeOf } from '../support/capture-rig.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, levelDbfs, toneDbfs, writeWav } from '../support/sound.ts';
import { ADA, speak, tone } from '../support/voices.ts';

const CY_HZ = 700;
/** What Cy says, at what level, and how much of it Ada's microphone lets through. */
const CY_DBFS = -18;
const BLEED_DBFS = CY_DBFS - 35;

let rig: CaptureRig;
beforeEach(async () => {
  rig = await captureRig();
});
afterEach(() => rig.close());

const at = (seconds: number, ...parts: [atSecond: number, pcm: Int16Array][]): Int16Array => {
  const all = new Int16Array(seconds * SAMPLE_RATE);
  for (const [from, pcm] of parts) all.set(pcm, from * SAMPLE_RATE);
  return all;
};

/** The level of Cy's tone in each second of a sound, in dBFS. */
const cyIn = (pcm: Int16Array): number[] =>
  Array.from({ length: Math.floor(pcm.length / SAMPLE_RATE) }, (_, second) =>
    toneDbfs(pcm.subarray(second * SAMPLE_RATE, (second + 1) * SAMPLE_RATE), CY_HZ),
  );

/** Seconds of the sound, in steps of 50 ms, that hold something louder than a whisper. */
const spokenSeconds = (pcm: Int16Array): number => {
  const step = SAMPLE_RATE / 20;
  const loud = Array.from({ length: Math.floor(pcm.length / step) }, (_, i) =>
    levelDbfs(pcm.subarray(i * step, (i + 1) * step)),
  ).filter((db) => db > -45);
  return loud.length / 20;
};

const ADA_SAYS = speak(ADA, 3);

/** Cy talks from second 3 to 6 and from 11 to 13, Ada from 7 to 10 and from 14 to 17; Ada's microphone hears both. */
const evening = async () => {
  const ada = await rig.room.join('speaker', 'ada');
  const cy = await rig.room.join('speaker', 'cy');
  const files = { ada: join(rig.dir, 'ada.wav'), cy: join(rig.dir, 'cy.wav') };
  const bleed = tone(CY_HZ, 3, BLEED_DBFS);
  const said = at(20, [3, bleed], [7, ADA_SAYS], [11, bleed.slice(0, 2 * SAMPLE_RATE)], [14, ADA_SAYS]);
  const cySays = tone(CY_HZ, 3, CY_DBFS);
  await writeWav(files.ada, said);
  await writeWav(files.cy, at(20, [3, cySays], [11, cySays.slice(0, 2 * SAMPLE_RATE)]));
  const talk = (atEpochMs: number): void => {
    void ada.talk(files.ada, atEpochMs, services().ffmpegBin).catch(() => {});
    void cy.talk(files.cy, atEpochMs, services().ffmpegBin).catch(() => {});
  };
  const leave = async (): Promise<void> => void (await Promise.all([ada.leave(), cy.leave()]));
  return { talk, leave, said };
};

describe('a voice that is not recorded', () => {
  it('is in no file although a neighbour hears it, and what the neighbour says is complete', async () => {
    const { talk, leave, said } = await evening();
    const capture = await rig.capture();
    await capture.startTake(takeOf('take', 'ada'));
    talk(Date.now() + 500);
    await reached(18_500, capture);
    await capture.finish();
    await leave();

    expect(await readdir(join(rig.dir, 'raw'))).toHaveLength(1);
    const [track] = (await rig.take('take')).tracks;
    const pcm = await rig.pcmOf(track!);
    expect(Math.max(...cyIn(said))).toBeGreaterThan(BLEED_DBFS - 1);
    expect(Math.max(...cyIn(pcm.subarray(0, 6.5 * SAMPLE_RATE)))).toBeLessThan(-90);
    // Half a second after Ada's last word has come, and until shortly before her next one.
    const adaBefore = 11.2 * SAMPLE_RATE;
    expect(Math.max(...cyIn(pcm.subarray(adaBefore, adaBefore + 3 * SAMPLE_RATE)))).toBeLessThan(-90);
    expect(Math.abs(spokenSeconds(pcm) - 2 * spokenSeconds(ADA_SAYS))).toBeLessThanOrEqual(0.4);
    expect(
      Math.abs(levelDbfs(pcm.subarray(6.5 * SAMPLE_RATE)) - levelDbfs(said.subarray(6.5 * SAMPLE_RATE))),
    ).toBeLessThan(1);

    const { entries } = parseJournal(await rig.journal());
    const gated = entries.filter((entry) => entry.type === 'gated');
    expect(gated.length).toBeGreaterThan(0);
    expect(new Set(gated.map(({ file }) => file))).toEqual(new Set([track!.file]));
    expect(await rig.journal()).not.toContain('"cy"');
  });

  it('holds nothing back from the disk before it has a microphone, a second while it has one, and all is in the file at the stop', async () => {
    const ada = await rig.beeper('ada', 1000);
    const capture = await rig.capture();
    await capture.startTake(takeOf('take', 'ada'));
    ada.talk(Date.now() + 300);
    await reached(2_000, capture);
    const alone = (await capture.status()).lagBytes;
    const cy = await rig.room.join('speaker', 'cy');
    const { positionMs } = await capture.status();
    await reached(positionMs + 2_500, capture);
    const beside = (await capture.status()).lagBytes;
    const { samples } = await capture.stopTake();
    await capture.finish();
    await cy.leave();
    const second = 2 * SAMPLE_RATE;
    expect(alone).toBeLessThan(second / 4);
    expect(beside).toBeGreaterThan(second);
    const [track] = (await rig.take('take')).tracks;
    expect(samples - track!.offsetSamples - track!.lengthSamples).toBeLessThan(SAMPLE_RATE / 5);
  });
});
