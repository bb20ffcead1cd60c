import { expect, it } from 'vitest';
import type { MasterView } from '../../server/recording/recording.schema.ts';
import { qualitySentences, versionTitle } from './version-words.ts';

const master = {
  kind: 'whole',
  title: null,
  cut: [],
  durationMs: 60_000,
  loudnessLufs: -16,
  truePeakDbtp: -3.1,
  quality: null,
} as unknown as MasterView;

it('a version without a name is called after what it is', () => {
  const cut = [{ takeId: 'one', fromMs: 1000, toMs: 62_000 }];
  expect(versionTitle(master)).toBe('All takes');
  expect(versionTitle({ ...master, kind: 'cut', durationMs: null, cut })).toBe('A cut of 1:01');
  expect(versionTitle({ ...master, kind: 'clip', durationMs: 30_000, title: 'The song' })).toBe('The song');
});

it('the sound is told in sentences, and every warning of a voice is one', () => {
  const voice = { speaker: 'Ada', loudnessLufs: -44, gainDb: 24, warnings: ['noisy', 'something new'] };
  const told = qualitySentences({ ...master, quality: { voices: [voice], files: [], warnings: [] } }, 'en');
  expect(told.whole).toEqual([
    'Loudness −16 LUFS: as podcast apps expect.',
    'Highest peak −3.1 dB: nothing is distorted.',
  ]);
  expect(told.voices).toEqual(['Ada was recorded at −44 LUFS; changed by +24 dB.']);
  expect(told.warnings).toEqual(['Ada was recorded very quietly; noise came up with the voice.', 'Ada: something new']);
});

it('silence and a missed measure are said as such', () => {
  expect(qualitySentences({ ...master, loudnessLufs: null, truePeakDbtp: null }, 'en').whole).toEqual([
    'Nothing is heard in it: it is silent.',
  ]);
  expect(qualitySentences({ ...master, loudnessLufs: -18.2, truePeakDbtp: -0.2 }, 'en').whole).toEqual([
    'Loudness −18.2 LUFS; podcast apps expect −16.',
    'Highest peak −0.2 dB: some players may distort.',
  ]);
});
