/** How a recording, its takes and its newest master look over the API. Pure. */
import type { ProblemBody } from '../platform/problem.schema.ts';
import { Problem } from '../problems.ts';
import type { Master } from './master.ts';
import type { MasterView, RecordingView, TakeView } from './recording.schema.ts';
import type { LiveProgress } from './render.worker.ts';
import { isPaused, newestTake } from './take.ts';
import type { Take } from './take.ts';
import type { Recording } from './takes.store.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';
import type { Gap, RecordingTimeline, TimelineTake } from './timeline.schema.ts';

const msOf = (samples: number): number => (samples / SAMPLE_RATE) * 1000;
const roundMs = (samples: number): number => Math.round(msOf(samples));
const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** Gaps of the take (nobody was captured) and of its files, all on the take's own clock. */
const gapsOf = (take: TimelineTake): TakeView['gaps'] => {
  const shown = (gap: Gap) => ({
    fromMs: roundMs(gap.fromSample),
    toMs: roundMs(gap.toSample),
    reason: gap.reason,
  });
  return [...take.gaps, ...take.tracks.flatMap((track) => track.gaps)].map(shown);
};

const tracksOf = (take: TimelineTake): TakeView['tracks'] =>
  take.tracks.map(({ speaker, file, offsetSamples, lengthSamples, published }) => ({
    speaker,
    file,
    offsetMs: msOf(offsetSamples),
    durationMs: msOf(lengthSamples),
    published,
  }));

const consentsOf = (take: TimelineTake): TakeView['consents'] =>
  take.consents.map(({ speaker, published, wording, language, atSample }) => ({
    speaker,
    published,
    wording,
    language,
    atMs: roundMs(atSample),
  }));

const problemOf = (take: Take): ProblemBody | null =>
  take.state === 'lost' ? new Problem(take.code, { detail: take.detail }).toBody() : null;

const takeView = (take: Take, known: TimelineTake | undefined): TakeView => {
  const startedAtMs = known?.startedAtMs ?? ('startedAtMs' in take ? take.startedAtMs : null);
  const durationMs = known ? roundMs(known.lengthSamples) : null;
  const ended = take.state === 'closed' || take.state === 'lost';
  const stoppedAtMs = ended && startedAtMs !== null && durationMs !== null ? startedAtMs + durationMs : null;
  return {
    id: take.id,
    ordinal: take.ordinal,
    name: take.name,
    state: take.state,
    stopReason: 'stopReason' in take && take.state === 'closed' ? take.stopReason : (known?.stopReason ?? null),
    startedAt: isoOf(startedAtMs),
    stoppedAt: isoOf(stoppedAtMs),
    durationMs,
    gaps: known ? gapsOf(known) : [],
    tracks: known ? tracksOf(known) : [],
    marks: known?.marks.map(({ markId: id, atSample, label }) => ({ id, atMs: roundMs(atSample), label })) ?? [],
    consents: known ? consentsOf(known) : [],
    problem: problemOf(take),
  };
};

/** Where the host hears a rendition before (and after) it is published. */
const renditionUrl = (publicUrl: string, { id, recordingId }: Master, kind: string): string =>
  `${publicUrl}/manage/api/v1/recordings/${recordingId}/masters/${id}/audio/${kind}`;

/** The one stable address of what can be heard of a recording. */
export const replayUrl = (publicUrl: string, recordingId: string): string =>
  `${publicUrl}/manage/api/v1/recordings/${recordingId}/replay.mp3`;

/** What is known of a master beside its row; `progress` is that of a render running in this process. */
export type MasterFacts = { publicUrl: string; progress?: LiveProgress; quality: MasterView['quality'] };

/** A master as its host sees it. */
export const masterView = (master: Master, { publicUrl, progress, quality }: MasterFacts): MasterView => ({
  id: master.id,
  kind: master.kind,
  title: master.title,
  preset: master.preset,
  cut: master.cut,
  state: master.state,
  step: progress?.step ?? master.step,
  percent: progress?.percent ?? master.percent,
  etaMs: progress?.etaMs ?? null,
  durationMs: master.durationMs,
  loudnessLufs: master.loudnessLufs,
  truePeakDbtp: master.truePeakDbtp,
  renditions: master.renditions.map(({ kind, mediaType, file, bytes, durationMs, sha256 }) => ({
    kind,
    mediaType,
    url: renditionUrl(publicUrl, master, kind),
    file,
    bytes,
    durationMs,
    sha256,
  })),
  quality,
  queuedAt: master.queuedAt.toISOString(),
  readyAt: master.readyAt?.toISOString() ?? null,
  problem: master.problem,
});

export type RecordingFacts = {
  recording: Recording;
  room: { slug: string; title: string };
  timeline: RecordingTimeline;
  master: MasterView | null;
  masters: MasterView[];
  replay: RecordingView['replay'];
  space: RecordingView['space'];
  episodes: RecordingView['episodes'];
};

/** Everything a host sees of one recording. Lengths and gaps come from the journal, states from the rows. */
export const recordingView = ({
  recording,
  room,
  timeline,
  master,
  masters,
  replay,
  space,
  episodes,
}: RecordingFacts): RecordingView => {
  const known = new Map(timeline.takes.map((take) => [take.takeId, take]));
  return {
    id: recording.id,
    roomSlug: room.slug,
    roomTitle: room.title,
    liveSessionId: recording.liveSessionId,
    name: recording.name,
    state: recording.state,
    paused: recording.state === 'open' && isPaused(newestTake(recording.takes)),
    createdAt: recording.createdAt.toISOString(),
    takes: recording.takes.map((take) => takeView(take, known.get(take.id))),
    master,
    masters,
    replay,
    space,
    episodes,
  };
};
