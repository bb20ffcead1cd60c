/** What a finished master's files measure, as its host sees it: read from its `quality.json`, which never changes. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Master } from './master.ts';
import type { MasterView } from './recording.schema.ts';
import { QualitySchema } from './render/quality.ts';
import type { Quality } from './render/quality.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';

type QualityView = NonNullable<MasterView['quality']>;

export const qualityView = ({ master, renditions, warnings }: Quality): QualityView => ({
  voices: master.voices.map(({ speaker, loudnessLufs, gainDb, warnings: heard }) => ({
    ...{ speaker, loudnessLufs, gainDb },
    warnings: heard,
  })),
  files: renditions.map(({ kind, loudnessLufs, truePeakDbtp, decodedSamples }) => ({
    ...{ kind, loudnessLufs, truePeakDbtp },
    durationMs: Math.round((decodedSamples * 1000) / SAMPLE_RATE),
  })),
  warnings,
});

/** More than one list of a host holds. */
const KEPT = 500;

/** Reads the account of a master; null before it is ready, and when its folder has none. Each is read once. */
export const qualityReader = (recordingsDir: string) => {
  const kept = new Map<string, QualityView>();
  return async ({ id, recordingId, state, renditions }: Master): Promise<QualityView | null> => {
    const [first] = renditions;
    if (state !== 'ready' || !first) return null;
    const known = kept.get(id);
    if (known) return known;
    try {
      const file = join(recordingsDir, recordingId, dirname(first.file), 'quality.json');
      const view = qualityView(QualitySchema.parse(JSON.parse(await readFile(file, 'utf8'))));
      kept.set(id, view);
      if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
      return view;
    } catch {
      return null;
    }
  };
};
