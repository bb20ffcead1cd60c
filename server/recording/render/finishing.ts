import { copyFile, link, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../problems.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { flush, settle } from '../../platform/durable.ts';
import { RECIPES, RENDITION_KINDS, decodeArgs, encodeArgs, type RenditionKind, type Tags } from './encode.ts';
import { readLoudness } from './loudness.ts';
import { timeLimitMs } from './mastering.ts';
import { fitMp3 } from './mp3-length.ts';
import { peakCollector } from './peaks.ts';
import { sha256Of } from './probe.ts';
import type { Tracker } from './progress.ts';
import { EncodedSchema, VerifiedSchema, type Quality, type RenditionReport } from './quality.ts';
import { inTurns } from './turns.ts';
import type { Made, Workshop } from './workshop.ts';

/** All that the stages from the master to the published folder share. */
export type Finishing = {
  workshop: Workshop;
  master: string;
  lengthSamples: number;
  key: string;
  tags: Tags;
  atOnce: number;
  track: Tracker;
};

type Encoded = { kind: RenditionKind } & Made<z.infer<typeof EncodedSchema>>;

/** Players may be told a length this far from the master's, never further. */
const LENGTH_TOLERANCE_SAMPLES = 0.035 * SAMPLE_RATE;

const durationMs = (samples: number): number => (samples * 1000) / SAMPLE_RATE;

export const encodeAll = (job: Finishing): Promise<Encoded[]> => {
  const part = job.track('encode', RENDITION_KINDS.length);
  return inTurns(RENDITION_KINDS, job.atOnce, async (kind, index) => {
    const extension = RECIPES[kind].file.slice('episode.'.length) as 'mp3' | 'm4a' | 'ogg';
    const make = async (output: string) => {
      const encoded = kind === 'mp3' ? join(job.workshop.folder, 'frames.mp3') : output;
      await job.workshop.run(encodeArgs(kind, { master: job.master, tags: job.tags, output: encoded }), {
        timeLimitMs: timeLimitMs(durationMs(job.lengthSamples)),
        sizeLimitBytes: 1_000_000 + job.lengthSamples,
        onProgress: ({ outTimeMs }) => part(index, outTimeMs / durationMs(job.lengthSamples)),
      });
      if (encoded !== output) await fitMp3(encoded, output, job.lengthSamples);
      return { bytes: (await stat(output)).size, sha256: await sha256Of(output) };
    };
    const made = await job.workshop.once({ name: kind, key: job.key, extension, noteSchema: EncodedSchema, make });
    part(index, 1);
    return { kind, ...made };
  });
};

/** Peaks come from the decoded master, whose length is counted on the way: it must be the plan's, to the sample. */
export const makePeaks = async (job: Finishing): Promise<string> => {
  const part = job.track('peaks');
  const collector = peakCollector(job.lengthSamples);
  const { file } = await job.workshop.once({
    name: 'peaks',
    key: job.key,
    extension: 'json',
    noteSchema: z.object({ samples: z.literal(job.lengthSamples) }),
    make: async (output) => {
      await job.workshop.run(decodeArgs('flac', job.master, false), { onData: collector.add });
      const { peaks, samples } = collector.finish();
      if (samples !== job.lengthSamples) throw wrongLength('The master', samples, job.lengthSamples);
      await writeFile(output, JSON.stringify(peaks));
      return { samples };
    },
  });
  part(0, 1);
  return file;
};

const wrongLength = (what: string, samples: number, expected: number): Problem =>
  new Problem('ffmpeg-failed', { detail: `${what} holds ${samples} samples instead of ${expected}.` });

/** Decodes what listeners will decode: length, loudness and true peak of each rendition. */
export const verifyAll = (job: Finishing, encoded: Encoded[]): Promise<RenditionReport[]> => {
  const part = job.track('verify', encoded.length);
  return inTurns(encoded, job.atOnce, async ({ kind, file, note: { bytes, sha256 } }, index) => {
    const { demuxer, mediaType, file: name } = RECIPES[kind];
    const verified = await job.workshop.once({
      name: `verify-${kind}`,
      key: job.key,
      noteSchema: VerifiedSchema,
      make: async () => {
        let read = 0;
        const onData = (chunk: Buffer) => {
          read += chunk.length;
          part(index, read / 2 / job.lengthSamples);
        };
        const { stderrTail } = await job.workshop.run(decodeArgs(demuxer, file, true), { level: 'info', onData });
        return { ...readLoudness(stderrTail), decodedSamples: read / 2, containerMs: readContainerMs(stderrTail) };
      },
    });
    const { decodedSamples } = verified.note;
    if (Math.abs(decodedSamples - job.lengthSamples) > LENGTH_TOLERANCE_SAMPLES) {
      throw wrongLength(`The ${kind}`, decodedSamples, job.lengthSamples);
    }
    part(index, 1);
    return { kind, mediaType, file: name, bytes, sha256, ...verified.note };
  });
};

/** `Duration: 00:01:02.34` of the input, as ffmpeg reads it from the container. */
export const readContainerMs = (log: string): number | null => {
  const found = /Duration: (\d+):(\d\d):(\d\d)\.(\d\d)/.exec(log);
  if (!found) return null;
  const [hours, minutes, seconds, hundredths] = found.slice(1).map(Number) as [number, number, number, number];
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10;
};

/** Puts the finished files under their public names into a folder that appears complete or not at all. */
export const publish = async (
  job: Finishing,
  made: { folder: string; encoded: Encoded[]; peaks: string; quality: Quality },
): Promise<void> => {
  const shelf = join(job.workshop.folder, 'publish');
  await mkdir(shelf, { recursive: true });
  await put(job.master, join(shelf, 'master.flac'));
  await put(made.peaks, join(shelf, 'peaks.json'));
  for (const { kind, file } of made.encoded) await put(file, join(shelf, RECIPES[kind].file));
  const quality = join(shelf, 'quality.json');
  await writeFile(quality, `${JSON.stringify(made.quality, null, 2)}\n`);
  await flush(quality);
  await mkdir(join(made.folder, '..'), { recursive: true });
  await rm(made.folder, { recursive: true, force: true });
  await settle(shelf, made.folder);
};

/** A second name for the same bytes, or a flushed copy where the file system knows no second names. */
const put = async (file: string, name: string): Promise<void> => {
  try {
    await link(file, name);
  } catch {
    await copyFile(file, name);
    await flush(name);
  }
};
