/*
 * From raw tracks to an episode. Each voice is laid on the episode's line and cleaned (align), brought to the same
 * loudness and summed (mix), brought to −16 LUFS under a ceiling of −3 dBTP (master), encoded three times, drawn
 * (peaks) and heard again (verify); then the files appear together in `publish/<hash>/` (ready). The hash follows from
 * the tracks' bytes, the cut, the tags, the pipeline and the build of ffmpeg: the same input gives the same folder with
 * the same bytes, however often it was interrupted on the way.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { probeFfmpeg } from '../ffmpeg-probe.ts';
import { Problem } from '../../problems.ts';
import { SAMPLE_RATE, type RecordingTimeline } from '../timeline.schema.ts';
import type { Cut } from './cut.schema.ts';
import type { RenditionKind, Tags } from './encode.ts';
import { PIPELINE } from './fingerprint.ts';
import { encodeAll, makePeaks, publish, verifyAll, type Finishing } from './finishing.ts';
import { isMaster } from './loudness.ts';
import { makeMaster } from './mastering.ts';
import { planEpisode } from './plan.ts';
import { TREATMENTS, type Preset } from './preset.ts';
import { probeTrack, withoutUnreadable, type SoundPlan, type TrackFacts } from './probe.ts';
import { trackProgress, type RenderProgress, type Tracker } from './progress.ts';
import { QualitySchema, type MasterReport, type Quality, type RenditionReport, type VoiceReport } from './quality.ts';
import { inTurns } from './turns.ts';
import { nameOf, openWorkshop, type Made, type Workshop } from './workshop.ts';

export type RenderInput = {
  timeline: RecordingTimeline;
  /** All takes whole when absent. */
  cut?: Cut;
  /** How the sound is treated: as speech unless said otherwise. */
  preset?: Preset;
  /** The recording's folder: the timeline's files are relative to it, `work/` and `publish/` are made in it. */
  dir: string;
  ffmpegBin: string;
  /** Notice tones over the edges of the takes; true unless said otherwise. */
  tone?: boolean;
  tags?: Tags;
  /** Names the working folder `work/<job>-<attempt>`; of one job only one attempt may run at a time. */
  job: string;
  attempt?: number;
  /** How many ffmpeg run side by side; one unless said otherwise. */
  atOnce?: number;
};

export type { RenderProgress, RenderStep } from './progress.ts';

export type RenderRun = { signal?: AbortSignal; onProgress?: (progress: RenderProgress) => void };

/** A rendition as it goes into a feed; `file` is absolute, `durationMs` the master's. */
export type RenderedFile = {
  kind: RenditionKind;
  mediaType: string;
  file: string;
  bytes: number;
  durationMs: number;
  sha256: string;
};

/** All files are absolute. `loudnessLufs` and `truePeakDbtp` are the master's, dual-mono reading, null for silence. */
export type RenderResult = {
  durationMs: number;
  durationSamples: number;
  loudnessLufs: number | null;
  truePeakDbtp: number | null;
  renditions: RenderedFile[];
  speakers: VoiceReport[];
  warnings: string[];
  masterFile: string;
  peaksFile: string;
  qualityFile: string;
};

/**
 * Renders an episode, or finds it rendered. Rejects with the signal's reason when aborted; with Problems:
 * `nothing-recorded` (no sample in the cut), `recording-unavailable` (no capable ffmpeg), `ffmpeg-failed`.
 * A rejected render may simply be called again: finished stages are kept.
 */
export const render = async (input: RenderInput, { signal, onProgress }: RenderRun = {}): Promise<RenderResult> => {
  const { dir, ffmpegBin, job, attempt = 1 } = input;
  const track = trackProgress(onProgress ?? (() => undefined), () => performance.now());
  const workshop = await openWorkshop({ dir, job, attempt, ffmpegBin, signal });
  try {
    return await renderIn(workshop, input, track, signal);
  } finally {
    await workshop.close();
  }
};

const renderIn = async (workshop: Workshop, input: RenderInput, track: Tracker, signal?: AbortSignal) => {
  const { dir, tone = true, tags = {}, atOnce = 1, preset = 'speech' } = input;
  const treatment = TREATMENTS[preset];
  const ffmpeg = await probeFfmpeg(input.ffmpegBin, signal);
  if (ffmpeg.missing.length > 0) {
    throw new Problem('recording-unavailable', { detail: `This ffmpeg lacks: ${ffmpeg.missing.join(', ')}.` });
  }
  const { sound, facts } = await probe(workshop, input, track, atOnce);
  const masterKey = nameOf([PIPELINE, ffmpeg.build, preset, sound.plan, [...facts], tone]);
  const key = nameOf([masterKey, tags]);
  const folder = join(dir, 'publish', key);
  const rendered = await readQuality(folder);
  if (!rendered) {
    const master =
      (await findMaster(dir, masterKey)) ??
      (await makeMaster({ workshop, dir, ffmpeg, sound, treatment, key: masterKey, tone, atOnce, track }));
    const { lengthSamples } = sound.plan;
    const job: Finishing = { workshop, master: master.file, lengthSamples, key, tags, atOnce, track };
    const encoded = await encodeAll(job);
    const peaks = await makePeaks(job);
    const renditions = await verifyAll(job, encoded);
    const quality = qualityOf({
      ...{ preset, ffmpeg: ffmpeg.version, lengthSamples, masterKey },
      ...{ master: master.note, renditions },
    });
    signal?.throwIfAborted();
    await publish(job, { folder, encoded, peaks, quality });
  }
  await workshop.clear([masterKey, key]);
  track('ready');
  return resultOf(folder, rendered ?? (await readQuality(folder))!);
};

const probe = async (
  workshop: Workshop,
  input: RenderInput,
  track: Tracker,
  atOnce: number,
): Promise<{ sound: SoundPlan; facts: Map<string, TrackFacts> }> => {
  const plan = planEpisode(input.timeline, input.cut);
  const files = [...new Set(plan.voices.flatMap((voice) => voice.pieces.flat()).map(({ file }) => file))].toSorted();
  const part = track('probe', files.length);
  const found = await inTurns(files, atOnce, async (file, index) => {
    const trackFacts = await probeTrack(workshop, input.dir, file);
    part(index, 1);
    return [file, trackFacts] as const;
  });
  const facts = new Map(found);
  return { sound: withoutUnreadable(plan, facts), facts };
};

const qualityOf = (made: {
  preset: Preset;
  ffmpeg: string;
  lengthSamples: number;
  masterKey: string;
  master: MasterReport;
  renditions: RenditionReport[];
}): Quality => {
  const { master, renditions } = made;
  const loud = renditions.filter(({ truePeakDbtp }) => (truePeakDbtp ?? -Infinity) > -1);
  return {
    version: 1,
    preset: made.preset,
    ffmpeg: made.ffmpeg,
    durationSamples: made.lengthSamples,
    durationMs: Math.round((made.lengthSamples * 1000) / SAMPLE_RATE),
    masterKey: made.masterKey,
    master,
    renditions,
    warnings: [
      ...(master.loudnessLufs === null ? ['The episode is silent.'] : []),
      ...(master.loudnessLufs !== null && !isMaster(master) ? ['The master missed its loudness or its ceiling.'] : []),
      ...loud.map(({ kind }) => `The ${kind} peaks above −1 dBTP.`),
    ],
  };
};

/** Undefined unless the folder is there and complete. */
const readQuality = async (folder: string): Promise<Quality | undefined> => {
  try {
    return QualitySchema.parse(JSON.parse(await readFile(join(folder, 'quality.json'), 'utf8')));
  } catch {
    return undefined;
  }
};

/** A master that an earlier render of the same sound has published, perhaps under another title. */
const findMaster = async (dir: string, masterKey: string): Promise<Made<MasterReport> | undefined> => {
  const folders = await readdir(join(dir, 'publish')).catch(() => []);
  for (const folder of folders) {
    const quality = await readQuality(join(dir, 'publish', folder));
    if (quality?.masterKey === masterKey) {
      return { note: quality.master, file: join(dir, 'publish', folder, 'master.flac') };
    }
  }
  return undefined;
};

const resultOf = (folder: string, quality: Quality): RenderResult => ({
  durationMs: quality.durationMs,
  durationSamples: quality.durationSamples,
  loudnessLufs: quality.master.loudnessLufs,
  truePeakDbtp: quality.master.truePeakDbtp,
  renditions: quality.renditions.map(({ kind, mediaType, file, bytes, sha256 }) => ({
    kind,
    mediaType,
    file: join(folder, file),
    bytes,
    durationMs: quality.durationMs,
    sha256,
  })),
  speakers: quality.master.voices,
  warnings: quality.warnings,
  masterFile: join(folder, 'master.flac'),
  peaksFile: join(folder, 'peaks.json'),
  qualityFile: join(folder, 'quality.json'),
});
