/** What the demo found out, as `--json` writes it. */
import { join } from 'node:path';
import type { EpisodeView } from '../../server/publication/episode.schema.ts';
import type { Evening } from './evening.ts';

/** Times in seconds count from the speakers' first sample; `file` are paths on disk. */
export type DemoReport = {
  baseUrl: string;
  room: string;
  listeners: { heardSeconds: number; firstAudioMs: number | null }[];
  takes: { startedAt: number; stoppedAt: number }[];
  recordingId: string;
  episode: {
    url: string;
    feedUrl: string;
    renditions: { type: string; url: string; file: string; bytes: number; durationMs: number }[];
  };
  tracks: { speaker: string; take: number; file: string; offsetMs: number }[];
  timings: { stopToReplayMs: number | null; stopToReadyMs: number };
};

const secondsSince = (t0: number, iso: string | null): number => (Date.parse(iso ?? '') - t0) / 1000;

export const reportOf = (
  { baseUrl, recordingsDir }: { baseUrl: string; recordingsDir: string },
  evening: Evening,
  episode: EpisodeView,
): DemoReport => {
  const { recording, t0 } = evening;
  const folder = join(recordingsDir, recording.id);
  const files = new Map(recording.master?.renditions.map((rendition) => [rendition.mediaType, rendition.file]));
  return {
    baseUrl,
    room: evening.room,
    listeners: evening.heard.map(({ seconds, firstAudioMs }) => ({ heardSeconds: seconds, firstAudioMs })),
    takes: recording.takes.map((take) => ({
      startedAt: secondsSince(t0, take.startedAt),
      stoppedAt: secondsSince(t0, take.stoppedAt),
    })),
    recordingId: recording.id,
    episode: {
      url: episode.url,
      feedUrl: episode.feedUrl,
      renditions: episode.renditions.map((rendition) => ({
        ...rendition,
        file: join(folder, files.get(rendition.type) ?? ''),
      })),
    },
    tracks: recording.takes.flatMap((take) =>
      take.tracks.map(({ speaker, file, offsetMs }) => ({
        speaker,
        take: take.ordinal,
        file: join(folder, file),
        offsetMs,
      })),
    ),
    timings: { stopToReplayMs: null, stopToReadyMs: evening.stopToReadyMs },
  };
};
