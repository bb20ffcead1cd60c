import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_FILE, ManifestSchema } from '../../server/recording/manifest.ts';
import type { Manifest } from '../../server/recording/manifest.ts';
import type { RecordingTimeline } from '../../server/recording/timeline.schema.ts';

/** The manifest of a recording's folder; undefined when it is missing or no manifest. */
export const readManifest = async (dir: string): Promise<Manifest | undefined> => {
  try {
    return ManifestSchema.parse(JSON.parse(await readFile(join(dir, MANIFEST_FILE), 'utf8')));
  } catch {
    return undefined;
  }
};

/** Where the manifest contradicts the journal about files of takes that are over. Pure. */
export const manifestFaults = (manifest: Manifest, { takes }: RecordingTimeline): string[] => {
  const known = new Map(takes.flatMap(({ tracks }) => tracks.map((track) => [track.file, track] as const)));
  const files = manifest.takes.filter(({ state }) => state === 'closed').flatMap((take) => take.files);
  return files.flatMap(({ file, offsetSamples, lengthSamples }) => {
    const track = known.get(file);
    if (!track) return [`${file}: the manifest names it, the journal does not`];
    const agrees = track.offsetSamples === offsetSamples && track.lengthSamples === lengthSamples;
    return agrees ? [] : [`${file}: manifest and journal disagree about its place or length`];
  });
};
