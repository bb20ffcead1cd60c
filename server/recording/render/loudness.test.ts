import { describe, expect, it } from 'vitest';
import { firstSetting, isMaster, makeupFor, nextSetting, readLoudness, voiceGain } from './loudness.ts';
import { TREATMENTS } from './preset.ts';

const summary = (integrated: string, peak: string) => `[Parsed_ebur128_0 @ 0x1] Summary:

  Integrated loudness:
    I:         ${integrated} LUFS
    Threshold: -26.5 LUFS

  Loudness range:
    LRA:         3.1 LU

  True peak:
    Peak:       ${peak} dBFS
`;

describe('readLoudness', () => {
  it('reads the last summary of the log', () => {
    const log = `${summary('-30.0', '-9.0')}${summary('-16.2', '-3.4')}`;
    expect(readLoudness(log)).toEqual({ loudnessLufs: -16.2, truePeakDbtp: -3.4 });
  });
  it('knows silence', () => {
    expect(readLoudness(summary('-70.0', '-inf'))).toEqual({ loudnessLufs: null, truePeakDbtp: null });
  });
  it('is a Problem when nothing was measured', () => {
    expect(() => readLoudness('I: -3 LUFS')).toThrow(expect.objectContaining({ code: 'ffmpeg-failed' }));
  });
});

describe('voiceGain', () => {
  it.each([
    [-20, 0, []],
    [-12.5, -7.5, []],
    [-39.96, 20, []],
    [-45, 25, ['noisy']],
    [-55, 30, ['noisy', 'too-quiet']],
    [-65, 0, ['silent']],
    [null, 0, ['silent']],
  ])('gives a voice at %s LUFS %s dB and says %s', (lufs, gainDb, warnings) => {
    expect(voiceGain(lufs, TREATMENTS.speech.mostGainDb)).toEqual({ gainDb, warnings });
  });
  it('moves a player no further than the balance of players bears', () => {
    const { mostGainDb } = TREATMENTS.music;
    expect([-40, -8].map((lufs) => voiceGain(lufs, mostGainDb).gainDb)).toEqual([mostGainDb, -mostGainDb]);
  });
});

describe('makeupFor', () => {
  it('gives back what the compressor took, within reason', () => {
    expect(makeupFor(-40, 20, -23.6)).toBe(3.6);
    expect(makeupFor(-60, 30, -31)).toBe(1);
    expect(makeupFor(-21, 1, -45)).toBe(12);
    expect(makeupFor(null, 0, null)).toBe(0);
  });
});

describe('the rounds of mastering', () => {
  const round = (gainDb: number, loudnessLufs: number, truePeakDbtp = -3.2) => ({
    setting: { gainDb, ceilingDb: -3.2 },
    measured: { loudnessLufs, truePeakDbtp },
  });
  it('begin with the measured mix, and not at all for silence', () => {
    expect(firstSetting({ loudnessLufs: -19.4, truePeakDbtp: null })).toEqual({ gainDb: 3.4, ceilingDb: -3.2 });
    expect(firstSetting({ loudnessLufs: null, truePeakDbtp: null })).toBeNull();
  });
  it('use the slope that the limiter leaves', () => {
    expect(nextSetting([round(4, -17)])).toEqual({ gainDb: 5, ceilingDb: -3.2 });
    expect(nextSetting([round(4, -17), round(5, -16.5)])).toEqual({ gainDb: 6, ceilingDb: -3.2 });
  });
  it('lower the ceiling by what a peak passed it', () => {
    expect(nextSetting([round(4, -16, -2.8)])).toEqual({ gainDb: 4, ceilingDb: -3.5 });
  });
  it('end at −16.0 ± 0.3 LUFS and at most −3.0 dBTP', () => {
    expect(isMaster({ loudnessLufs: -16.3, truePeakDbtp: -3 })).toBe(true);
    expect(isMaster({ loudnessLufs: -16.4, truePeakDbtp: -3 })).toBe(false);
    expect(isMaster({ loudnessLufs: -16, truePeakDbtp: -2.9 })).toBe(false);
  });
});
