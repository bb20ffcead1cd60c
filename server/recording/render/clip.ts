/*
 * A clip of the running take from its replay, which is mixed and encoded already: measured, brought to −16 LUFS under
 * the ceiling of every master, encoded once and heard again. Made in less than two seconds, so it passes none of the
 * stages by which a render can be resumed.
 */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flush, settle } from '../../platform/durable.ts';
import { inputFile } from '../ffmpeg.ts';
import type { FfmpegCapabilities } from '../ffmpeg-probe.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { LINE_FORMAT, joinFades } from './align.ts';
import { RECIPES, decodeArgs, titled } from './encode.ts';
import { TARGET_LUFS, UNCHANGED, firstSetting, nextSetting, readLoudness } from './loudness.ts';
import type { Loudness, MasterRound, MasterSetting } from './loudness.ts';
import { limiterChain } from './master.ts';
import { fitMp3 } from './mp3-length.ts';
import { peakCollector } from './peaks.ts';
import { sha256Of } from './probe.ts';
import type { Quality, RenditionReport } from './quality.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

export type ClipInput = {
  /** Names the working folder and the published one. */
  id: string;
  /** The recording's folder. */
  dir: string;
  ffmpeg: FfmpegCapabilities;
  /** Whole MP3 frames of a replay. */
  slice: Buffer;
  lengthSamples: number;
  title: string;
};

export type Clip = { folder: string; mp3: RenditionReport; durationMs: number };

const METER = 'ebur128=dualmono=1:framelog=verbose';
const MOST_ROUNDS = 2;
/** The encoded file may be 0.7 LU off; a second round costs half a second. */
const TOLERANCE_LU = 0.5;

const roundArgs = (clip: ClipInput, source: string, setting: MasterSetting, output: string): string[] => {
  const { lengthSamples, ffmpeg, title } = clip;
  const exact = `apad=whole_len=${lengthSamples},atrim=end_sample=${lengthSamples},${joinFades(lengthSamples)}`;
  const limited = limiterChain(setting.ceilingDb, ffmpeg.limiterLatency);
  const chain = `${LINE_FORMAT},volume=${setting.gainDb}dB,${limited},${exact},${METER}`;
  const { codec, before } = RECIPES.mp3;
  return [...inputFile('mp3', source), '-af', `${chain},${before}`, ...titled({ title }), ...codec, output];
};

/** Gain and limiter until the meter before the encoder is content, twice at most; the peaks are the limiter's business. */
const encode = async (workshop: Workshop, clip: ClipInput, source: string): Promise<string> => {
  const run = async (args: string[]): Promise<Loudness> =>
    readLoudness((await workshop.run(args, { level: 'info', timeLimitMs: 10_000 })).stderrTail);
  const first = firstSetting(await run([...inputFile('mp3', source), '-af', METER, '-f', 'null', '-']));
  const [frames, output] = [join(workshop.folder, 'frames.mp3'), join(workshop.folder, 'clip.mp3')];
  const rounds: MasterRound[] = [];
  for (let setting = first ?? UNCHANGED; ; setting = nextSetting(rounds)) {
    const measured = await run(roundArgs(clip, source, setting, frames));
    rounds.push({ setting, measured });
    const error = Math.abs((measured.loudnessLufs ?? TARGET_LUFS) - TARGET_LUFS);
    if (first === null || error <= TOLERANCE_LU || rounds.length === MOST_ROUNDS) break;
  }
  await fitMp3(frames, output, clip.lengthSamples);
  return output;
};

/** Hears the finished file: what it measures, and its peaks. */
const hear = async (workshop: Workshop, clip: ClipInput, file: string) => {
  const collector = peakCollector(clip.lengthSamples);
  const options = { level: 'info' as const, onData: collector.add };
  const { stderrTail } = await workshop.run(decodeArgs('mp3', file, true), options);
  const { peaks, samples } = collector.finish();
  const [{ size: bytes }, sha256] = [await stat(file), await sha256Of(file)];
  const { file: name, mediaType } = RECIPES.mp3;
  const mp3: RenditionReport = {
    ...{ kind: 'mp3', file: name, mediaType, bytes, sha256, decodedSamples: samples, containerMs: null },
    ...readLoudness(stderrTail),
  };
  return { peaks, mp3 };
};

const qualityOf = (clip: ClipInput, mp3: RenditionReport): Quality => {
  const { loudnessLufs, truePeakDbtp } = mp3;
  return {
    ...{ version: 1, preset: 'speech', ffmpeg: clip.ffmpeg.version, masterKey: '' },
    durationSamples: clip.lengthSamples,
    durationMs: Math.round((clip.lengthSamples * 1000) / SAMPLE_RATE),
    master: { loudnessLufs, truePeakDbtp, rounds: 1, voices: [] },
    renditions: [mp3],
    warnings: loudnessLufs === null ? ['The clip is silent.'] : [],
  };
};

/** Makes the clip's folder `publish/<id>/` with `episode.mp3`, `peaks.json` and `quality.json`. */
export const renderClip = async (clip: ClipInput): Promise<Clip> => {
  const { id, dir, ffmpeg } = clip;
  const workshop = await openWorkshop({ dir, job: id, attempt: 1, ffmpegBin: ffmpeg.bin, urgent: true });
  try {
    const source = join(workshop.folder, 'slice.mp3');
    await writeFile(source, clip.slice);
    const file = await encode(workshop, clip, source);
    const { peaks, mp3 } = await hear(workshop, clip, file);
    const quality = qualityOf(clip, mp3);
    const shelf = join(workshop.folder, 'publish');
    await mkdir(shelf);
    await settle(file, join(shelf, RECIPES.mp3.file));
    for (const [name, facts] of Object.entries({ 'peaks.json': peaks, 'quality.json': quality })) {
      await writeFile(join(shelf, name), JSON.stringify(facts));
      await flush(join(shelf, name));
    }
    const folder = join('publish', id);
    await mkdir(join(dir, 'publish'), { recursive: true });
    await settle(shelf, join(dir, folder));
    return { folder, mp3, durationMs: quality.durationMs };
  } finally {
    await workshop.close();
  }
};
