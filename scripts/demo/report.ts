/** What the demo found out, as `--json` writes it. */
import { join } from 'node:path';
import type { EpisodeView } from '../../server/publication/episode.schema.ts';
import type { MasterView } from '../../server/recording/recording.schema.ts';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
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
  /** What was lost and is silence: of one speaker's file, or of the whole take where `speaker` and `file` are null. */
  gaps: { take: number; speaker: string | null; file: string | null; from: number; to: number; reason: string }[];
  marks: { take: number; at: number; label: string }[];
  quality: MasterView['quality'];
  /** `file` is what the address served right after the last stop; later the master takes its place there. */
  replay: { url: string; file: string };
  timings: { stopToReplayMs: number; stopToReadyMs: number };
};

const secondsSince = (t0: number, iso: string | null): number => (Date.parse(iso ?? '') - t0) / 1000;

/** The second of the evening at which a sample of the take lies. */
const secondOf = (t0: number, take: TimelineTake, sample: number): number =>
  (take.startedAtMs - t0) / 1000 + sample / SAMPLE_RATE;

const gapsOf = (t0: number, folder: string, take: TimelineTake): DemoReport['gaps'] => {
  const owners = [
    { speaker: null, file: null, gaps: take.gaps },
    ...take.tracks.map(({ speaker, file, gaps }) => ({ speaker, file: join(folder, file), gaps })),
  ];
  return owners.flatMap(({ speaker, file, gaps }) =>
    gaps.map(({ fromSample, toSample, reason }) => ({
      ...{ take: take.ordinal, speaker, file, reason },
      from: secondOf(t0, take, fromSample),
      to: secondOf(t0, take, toSample),
    })),
  );
};

const marksOf = (t0: number, take: TimelineTake): DemoReport['marks'] =>
  take.marks.map(({ atSample, label }) => ({ take: take.ordinal, at: secondOf(t0, take, atSample), label }));

/** What of the report is read from the recording's folder and views. */
const recordedPart = async ({ recording, t0 }: Evening, folder: string) => {
  const { takes } = await readTimeline(folder);
  return {
    takes: recording.takes.map((take) => ({
      startedAt: secondsSince(t0, take.startedAt),
      stoppedAt: secondsSince(t0, take.stoppedAt),
    })),
    tracks: recording.takes.flatMap((take) =>
      take.tracks.map(({ speaker, file, offsetMs }) => ({
        ...{ speaker, offsetMs, take: take.ordinal },
        file: join(folder, file),
      })),
    ),
    gaps: takes.flatMap((take) => gapsOf(t0, folder, take)),
    marks: takes.flatMap((take) => marksOf(t0, take)),
    quality: recording.master?.quality ?? null,
  };
};

export const reportOf = async (
  { baseUrl, recordingsDir }: { baseUrl: string; recordingsDir: string },
  evening: Evening,
  episode: EpisodeView,
): Promise<DemoReport> => {
  const { recording, replay } = evening;
  const folder = join(recordingsDir, recording.id);
  const files = new Map(recording.master?.renditions.map((rendition) => [rendition.mediaType, rendition.file]));
  return {
    baseUrl,
    room: evening.room,
    listeners: evening.heard.map(({ seconds, firstAudioMs }) => ({ heardSeconds: seconds, firstAudioMs })),
    recordingId: recording.id,
    episode: {
      url: episode.url,
      feedUrl: episode.feedUrl,
      renditions: episode.renditions.map((rendition) => ({
        ...rendition,
        file: join(folder, files.get(rendition.type) ?? ''),
      })),
    },
    ...(await recordedPart(evening, folder)),
    replay: { url: replay.url, file: replay.file },
    timings: { stopToReplayMs: replay.stopToReplayMs, stopToReadyMs: evening.stopToReadyMs },
  };
};
