import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../problems.ts';
import { mendFlacHeader } from '../capture/flac-mend.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { probeArgs } from './encode.ts';
import type { EpisodePlan } from './plan.ts';
import { nameOf, type Workshop } from './workshop.ts';

const TrackFactsSchema = z.object({ sha256: z.string(), decodedSamples: z.int() });

/** What a raw file really holds. `decodedSamples` is 0 for one that cannot be read. */
export type TrackFacts = z.infer<typeof TrackFactsSchema>;

/** A file that holds less than the journal says by more than this is reported. */
const SHORTFALL_SAMPLES = SAMPLE_RATE / 2;

export const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

/** Reads a raw track through once. A missing or unreadable one is a fact about the recording, not a failure. */
export const probeTrack = async (workshop: Workshop, dir: string, file: string): Promise<TrackFacts> => {
  const path = join(dir, file);
  await mendFlacHeader(path);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return { sha256: '', decodedSamples: 0 };
  const { note } = await workshop.once({
    name: 'probe',
    key: nameOf([file, found.size, found.mtimeMs]),
    noteSchema: TrackFactsSchema,
    make: async () => ({ sha256: await sha256Of(path), decodedSamples: await countSamples(workshop, path) }),
  });
  return note;
};

/** ffmpeg that cannot make sense of a file is no failure here; an ffmpeg that cannot run is one in the next stage. */
const countSamples = async (workshop: Workshop, path: string): Promise<number> => {
  let bytes = 0;
  try {
    await workshop.run(probeArgs(path), { onData: (chunk) => (bytes += chunk.length) });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
  return Math.floor(bytes / 2);
};

/** A plan whose files exist, and what is to be said of those voices whose files do not hold what they should. */
export type SoundPlan = { plan: EpisodePlan; shortfalls: Map<string, 'unreadable' | 'shorter'> };

/** Takes the files that cannot be read out of the plan: their time stays, as silence. */
export const withoutUnreadable = (plan: EpisodePlan, facts: Map<string, TrackFacts>): SoundPlan => {
  const shortfalls: SoundPlan['shortfalls'] = new Map();
  const decoded = (file: string) => facts.get(file)?.decodedSamples ?? 0;
  for (const voice of plan.voices) {
    const pieces = voice.pieces.flat();
    if (pieces.some(({ file }) => decoded(file) === 0)) shortfalls.set(voice.seatId, 'unreadable');
    else if (pieces.some(({ file, lengthSamples }) => decoded(file) < lengthSamples - SHORTFALL_SAMPLES)) {
      shortfalls.set(voice.seatId, 'shorter');
    }
  }
  const voices = plan.voices.map((voice) => ({
    ...voice,
    pieces: voice.pieces.map((pieces) => pieces.filter(({ file }) => decoded(file) > 0)),
  }));
  return { plan: { ...plan, voices }, shortfalls };
};
