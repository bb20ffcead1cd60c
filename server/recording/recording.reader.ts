/** What hosts and the publication read of recordings: rows for states, the journal for lengths, tracks and gaps. */
import { join } from 'node:path';
import { isDatabaseAway } from '../platform/database-away.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry } from '../room/live-registry.ts';
import { readTimeline } from './capture/measure-tracks.ts';
import type { CutRange, Master, Rendition } from './master.ts';
import type { MastersStore } from './masters.store.ts';
import type { OpenRecordings } from './open-recordings.ts';
import type { MasterView, RecordingView } from './recording.schema.ts';
import { qualityReader } from './quality.view.ts';
import { masterView, recordingView, replayUrl } from './recording.view.ts';
import type { RecordingFacts } from './recording.view.ts';
import type { ReplaysService } from './replays.service.ts';
import { planEpisode } from './render/plan.ts';
import type { RenderService } from './render.service.ts';
import { inTurns } from './render/turns.ts';
import type { Recording, TakesStore } from './takes.store.ts';
import type { Timelines } from './timelines.ts';

/** A finished master as the publication takes it; files are absolute. */
export type ReadyMaster = {
  masterId: string;
  roomId: string;
  renditions: (Rendition & { path: string })[];
  speakers: string[];
};

export type RecordingPage = { recordings: RecordingView[]; next: string | null };

type Deps = {
  takes: TakesStore;
  masters: MastersStore;
  render: Pick<RenderService, 'progressOf'>;
  open: Pick<OpenRecordings, 'byId'>;
  timelines: Timelines;
  replays: Pick<ReplaysService, 'heardNow'>;
  spaceOf: (recordingId: string) => Promise<RecordingView['space']>;
  recordingsDir: string;
  publicUrl: string;
};

/** A list that is read in turns leaves the database to others in between. */
const LISTED_AT_ONCE = 4;

export const recordingReader = (deps: Deps) => {
  const { takes, masters, render, timelines, replays, recordingsDir, publicUrl } = deps;
  const qualityOf = qualityReader(recordingsDir);
  const viewOfMaster = async (master: Master): Promise<MasterView> => {
    const progress = master.state === 'rendering' ? render.progressOf(master.id) : undefined;
    return masterView(master, { publicUrl, progress, quality: await qualityOf(master) });
  };

  /** What is read from the folder of a recording, not from rows. */
  const besideRows = async (recording: Recording): Promise<Pick<RecordingFacts, 'timeline' | 'replay' | 'space'>> => {
    const timeline = await timelines.of(recording);
    const [{ files: _, ...heard }, space] = await Promise.all([
      replays.heardNow(recording, timeline),
      recording.state === 'open' ? deps.spaceOf(recording.id) : null,
    ]);
    return { timeline, replay: { ...heard, url: replayUrl(publicUrl, recording.id) }, space };
  };

  const view = async (recording: Recording): Promise<RecordingView> => {
    const [room, beside, master, besides, episodes] = await Promise.all([
      takes.roomOf(recording.id),
      besideRows(recording),
      masters.newestOf(recording.id),
      masters.besidesOf(recording.id),
      masters.episodesOf(recording.id),
    ]);
    if (!room) throw new Problem('not-found');
    return recordingView({
      ...beside,
      recording,
      room,
      master: master ? await viewOfMaster(master) : null,
      masters: await Promise.all(besides.map(viewOfMaster)),
      episodes,
    });
  };

  const ownRecording = async (recordingId: string, hostId: string): Promise<Recording> => {
    const [recording, room] = await Promise.all([takes.recording(recordingId), takes.roomOf(recordingId)]);
    // Somebody else's recording answers like a missing one
    if (!recording || room?.hostId !== hostId) throw new Problem('not-found');
    return recording;
  };

  /** One master of one's own recording; another one's answers like a missing one. */
  const ownMaster = async (recordingId: string, masterId: string, hostId: string): Promise<Master> => {
    await ownRecording(recordingId, hostId);
    const master = await masters.master(masterId);
    if (master?.recordingId !== recordingId) throw new Problem('not-found');
    return master;
  };

  /** Whose voice can be heard in a cut. */
  const speakersIn = async (dir: string, cut: CutRange[]): Promise<string[]> => {
    const timeline = await readTimeline(dir);
    const heard = cut.filter(({ takeId }) => timeline.takes.some((take) => take.takeId === takeId));
    if (heard.length === 0) return [];
    return [...new Set(planEpisode(timeline, heard).voices.map(({ speaker }) => speaker))];
  };

  /**
   * A finished master with its files: the newest of all takes, or the one named. Throws `not-found` for one of another
   * recording, `master-not-ready` with the render's own Problem when it is not finished or has been superseded.
   */
  const readyMaster = async (recordingId: string, masterId?: string): Promise<ReadyMaster> => {
    const [master, room] = await Promise.all([
      masterId === undefined ? masters.newestOf(recordingId) : masters.master(masterId),
      takes.roomOf(recordingId),
    ]);
    if (!room || (master && master.recordingId !== recordingId)) throw new Problem('not-found');
    if (!master) throw new Problem(masterId === undefined ? 'nothing-recorded' : 'not-found');
    if (master.state !== 'ready') throw new Problem('master-not-ready', { detail: master.problem?.detail });
    const dir = join(recordingsDir, recordingId);
    return {
      masterId: master.id,
      roomId: room.id,
      renditions: master.renditions.map((rendition) => ({ ...rendition, path: join(dir, rendition.file) })),
      speakers: await speakersIn(dir, master.cut),
    };
  };

  return {
    /** A withdrawal is written into journals that are closed, too. */
    journalChanged: timelines.forget,
    ownRecording,
    ownMaster,
    readyMaster,
    /** One master as its host sees it. */
    readMaster: async (recordingId: string, masterId: string, hostId: string): Promise<MasterView> =>
      viewOfMaster(await ownMaster(recordingId, masterId, hostId)),
    /** One recording as its host sees it; `not-found` for anybody else's. */
    read: async (recordingId: string, hostId: string): Promise<RecordingView> =>
      view(await ownRecording(recordingId, hostId)),
    /** The recording of a live room; without its masters and episodes while the database is away. */
    readLive: async (recordingId: string, entry: LiveEntry): Promise<RecordingView> => {
      try {
        return await view(await ownRecording(recordingId, entry.hostId));
      } catch (error) {
        const recording = deps.open.byId(recordingId);
        if (!recording || !isDatabaseAway(error)) throw error;
        const beside = await besideRows(recording);
        return recordingView({
          ...{ ...beside, recording, master: null, masters: [], episodes: [] },
          room: { slug: entry.slug, title: entry.title },
        });
      }
    },
    /** A page of a host's recordings, newest first; `next` is the `before` of the page that follows. */
    list: async (hostId: string, { limit, before }: { limit: number; before?: string }): Promise<RecordingPage> => {
      const found = await takes.recordingsOfHost(hostId, limit + 1, before);
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?.id ?? null) : null;
      return { recordings: await inTurns(page, LISTED_AT_ONCE, view), next };
    },
  };
};

export type RecordingReader = ReturnType<typeof recordingReader>;
