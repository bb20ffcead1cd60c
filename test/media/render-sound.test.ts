import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { QualitySchema, type Quality } from '../../server/recording/render/quality.ts';
import { render, type RenderResult } from '../../server/recording/render/render.ts';
import { loudnessOf } from '../support/loudness.ts';
import { makeRecording } from '../support/raw-tracks.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, decodeSound, levelDbfs, toneDbfs } from '../support/sound.ts';
import { ADA, BO, speak, tone } from '../support/voices.ts';

const { ffmpegBin } = services();
const CY = { pitchHz: 150, throat: 1.08, syllablesPerSecond: 5.2, seed: 99 };
const SECONDS = 15;
const at = (seconds: number): number => seconds * SAMPLE_RATE;

/** A voice with a thump of the table every three seconds, so that the limiter has something to do. */
const thumping = (pcm: Int16Array): Int16Array => {
  const thump = tone(160, 0.03, -1);
  for (let sample = at(1); sample + thump.length < pcm.length; sample += at(3)) pcm.set(thump, sample);
  return pcm;
};

/** Strings plucked twice a second, each dying away: peaks far above the mean, as music has them. */
const plucked = (seconds: number, notesHz: number[], dbfs: number): Int16Array =>
  Int16Array.from({ length: at(seconds) }, (_, i) => {
    const [beat, t] = [Math.floor((2 * i) / SAMPLE_RATE), ((2 * i) % SAMPLE_RATE) / 2 / SAMPLE_RATE];
    const hz = notesHz[beat % notesHz.length]!;
    const wave = [1, 2, 3].reduce((sum, n) => sum + Math.sin(2 * Math.PI * n * hz * t) / n, 0);
    return Math.round(32_767 * 10 ** (dbfs / 20) * wave * Math.exp(-6 * t) * Math.min(1, t * 400));
  });

describe('three speakers recorded 20 LU apart, one of them thumping on the table', () => {
  let result: RenderResult;
  let quality: Quality;
  const lengthSamples = at(3 * SECONDS) + 17;

  beforeAll(async () => {
    const tracks = [
      { speaker: 'Ada', pcm: speak(ADA, SECONDS, -20) },
      { speaker: 'Bo', pcm: speak(BO, SECONDS, -40), offsetSamples: at(SECONDS) },
      { speaker: 'Cy', pcm: thumping(speak(CY, SECONDS, -30)), offsetSamples: at(2 * SECONDS) },
    ];
    const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks, lengthSamples }]);
    result = await render({ timeline, dir, ffmpegBin, job: 'three', tags: { title: 'Three; voices = one #evening' } });
    quality = QualitySchema.parse(JSON.parse(await readFile(result.qualityFile, 'utf8')));
  });

  it('come out within 1.5 LU of each other', async () => {
    const starts = [0, SECONDS, 2 * SECONDS];
    const heard = await Promise.all(
      starts.map((start) =>
        loudnessOf(ffmpegBin, result.masterFile, { fromSeconds: start + 0.5, toSeconds: start + SECONDS - 0.5 }),
      ),
    );
    const levels = heard.map(({ lufs }) => lufs);
    expect(Math.max(...levels) - Math.min(...levels)).toBeLessThanOrEqual(1.5);
  });

  it('become a master at −16.0 ± 0.3 LUFS and at most −3.0 dBTP', async () => {
    const { lufs, dbtp } = await loudnessOf(ffmpegBin, result.masterFile);
    expect(Math.abs(lufs + 16)).toBeLessThanOrEqual(0.3);
    expect(dbtp).toBeLessThanOrEqual(-3);
    expect({ lufs, dbtp }).toEqual({ lufs: result.loudnessLufs, dbtp: result.truePeakDbtp });
  });

  it.each(['mp3', 'm4a', 'opus'])('become a %s at −16 ± 0.7 LUFS and at most −1 dBTP', async (kind) => {
    const { file } = result.renditions.find((rendition) => rendition.kind === kind)!;
    const { lufs, dbtp } = await loudnessOf(ffmpegBin, file);
    expect(Math.abs(lufs + 16)).toBeLessThanOrEqual(0.7);
    expect(dbtp).toBeLessThanOrEqual(-1);
  });

  it('make a master of exactly the cut length, and files whose containers say nearly the same', async () => {
    const master = await decodeSound(result.masterFile, ffmpegBin);
    expect(master.length).toBe(lengthSamples);
    expect(result.durationSamples).toBe(lengthSamples);
    // ffmpeg prints a container's length in hundredths of a second
    for (const { containerMs } of quality.renditions) expect(containerMs! - result.durationMs).toBeLessThanOrEqual(40);
  });

  it('decode to the length of the master, to within a millisecond', () => {
    for (const { decodedSamples } of quality.renditions) {
      expect(Math.abs(decodedSamples - lengthSamples)).toBeLessThanOrEqual(SAMPLE_RATE / 1000);
    }
  });

  it('leave an account of every gain and no warning', () => {
    expect(result.warnings).toEqual([]);
    expect(result.speakers.map(({ speaker, warnings }) => [speaker, warnings])).toEqual([
      ['Ada', []],
      ['Bo', []],
      ['Cy', []],
    ]);
  });

  it('carry the title as it was written', async () => {
    for (const { file } of result.renditions) {
      expect((await readFile(file)).includes('Three; voices = one #evening')).toBe(true);
    }
  });

  it('are drawn as pairs of peaks over the whole length', async () => {
    const peaks = JSON.parse(await readFile(result.peaksFile, 'utf8')) as { samplesPerPeak: number; peaks: number[] };
    expect(peaks.peaks.length / 2).toBe(Math.ceil(lengthSamples / peaks.samplesPerPeak));
    expect(peaks.peaks.length / 2).toBeGreaterThanOrEqual(1200);
    expect(Math.max(...peaks.peaks)).toBeGreaterThan(30);
  });
});

describe('a song on two instruments, one far quieter than the other', () => {
  const SONG_SECONDS = 20;
  let result: RenderResult;

  beforeAll(async () => {
    const tracks = [
      { speaker: 'Guitar', pcm: plucked(SONG_SECONDS, [196, 247, 294, 392], -18) },
      { speaker: 'Bass', pcm: plucked(SONG_SECONDS, [49, 65, 73, 98], -30), offsetSamples: 0 },
    ];
    const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks }]);
    result = await render({ timeline, dir, ffmpegBin, job: 'song', preset: 'music', tone: false });
  });

  it('meets the same bars as speech', async () => {
    const { lufs, dbtp } = await loudnessOf(ffmpegBin, result.masterFile);
    expect(Math.abs(lufs + 16)).toBeLessThanOrEqual(0.3);
    expect(dbtp).toBeLessThanOrEqual(-3);
    for (const { file } of result.renditions) {
      const rendition = await loudnessOf(ffmpegBin, file);
      expect(Math.abs(rendition.lufs + 16)).toBeLessThanOrEqual(0.7);
      expect(rendition.dbtp).toBeLessThanOrEqual(-1);
    }
  });

  it('keeps its lowest string and the balance of its players', async () => {
    const master = await decodeSound(result.masterFile, ffmpegBin);
    const balance = toneDbfs(master, 196) - toneDbfs(master, 49);
    expect(toneDbfs(master, 49)).toBeGreaterThan(-50);
    expect(balance).toBeGreaterThan(0);
    expect(result.speakers.every(({ gainDb }) => Math.abs(gainDb) <= 9)).toBe(true);
  });
});

it('a voice whose speaker did not agree to publishing is not in the episode', async () => {
  const tracks = [
    { speaker: 'Ada', pcm: tone(440, 6) },
    { speaker: 'Bo', pcm: tone(1500, 6, -3), published: false },
  ];
  const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks }]);
  const result = await render({ timeline, dir, ffmpegBin, job: 'j', tone: false });
  const master = await decodeSound(result.masterFile, ffmpegBin);
  expect(toneDbfs(master, 440)).toBeGreaterThan(-20);
  expect(toneDbfs(master, 1500)).toBeLessThan(-90);
  expect(result.speakers.map(({ speaker }) => speaker)).toEqual(['Ada']);
});

describe('where nobody speaks', () => {
  const empty = async (tone: boolean) => {
    const tracks = [{ speaker: 'Ada', pcm: new Int16Array(at(2)) }];
    const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks: [], lengthSamples: 100_001 }, { tracks }]);
    timeline.takes[1]!.tracks.push({ ...timeline.takes[1]!.tracks[0]!, file: 'raw/lost.flac', seatId: 'Bo' });
    return render({ timeline, dir, ffmpegBin, job: 'j', tone });
  };

  it('an empty take, a silent one and a lost file become silence of the right length', async () => {
    const result = await empty(false);
    const master = await decodeSound(result.masterFile, ffmpegBin);
    expect(master.length).toBe(100_001 + at(2));
    expect(levelDbfs(master)).toBe(-Infinity);
    expect(result).toMatchObject({ loudnessLufs: null, warnings: ['The episode is silent.'] });
    expect(result.speakers.map(({ gainDb, warnings }) => [gainDb, warnings])).toEqual([
      [0, ['silent']],
      [0, ['silent', 'unreadable']],
    ]);
  });

  it('the notice tone is heard over the first and last 0.4 s of each take at −30 LUFS, and nowhere else', async () => {
    const result = await empty(true);
    const master = await decodeSound(result.masterFile, ffmpegBin);
    expect(master.length).toBe(100_001 + at(2));
    const level = (from: number, to: number) => levelDbfs(master.subarray(from, to));
    expect(level(at(0.45), 100_001 - at(0.45))).toBeLessThan(-90);
    expect(level(100_001 + at(0.45), master.length - at(0.45))).toBeLessThan(-90);
    const alone = { fromSeconds: 0, toSeconds: 0.4 };
    expect(Math.abs((await loudnessOf(ffmpegBin, result.masterFile, alone)).lufs + 30)).toBeLessThanOrEqual(1);
    for (const edge of [0, 100_001 - at(0.4), 100_001, master.length - at(0.4)]) {
      expect(level(edge, edge + at(0.4))).toBeGreaterThan(-35);
    }
  });

  it('the hiss of an open microphone is not made louder', async () => {
    const hiss = Int16Array.from({ length: at(4) }, (_, i) => ((i * 48_271) % 7) - 3);
    const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks: [{ speaker: 'Ada', pcm: hiss }] }]);
    const result = await render({ timeline, dir, ffmpegBin, job: 'j', tone: false });
    expect(levelDbfs(await decodeSound(result.masterFile, ffmpegBin))).toBeLessThanOrEqual(levelDbfs(hiss));
  });
});

it('an ffmpeg that is not there is named as the reason', async () => {
  const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks: [], lengthSamples: 48_000 }]);
  const absent = join(dir, 'no-ffmpeg-here');
  await expect(render({ timeline, dir, ffmpegBin: absent, job: 'j' })).rejects.toMatchObject({
    code: 'recording-unavailable',
  });
});
