/** What hosts and the publication read of recordings: rows for states, the journal for lengths, tracks and gaps. */
import { join } from 'node:path';
import { Problem } from '../problems.ts';
import { readTimeline } from './capture/measure-tracks.ts';
import type { CutRange, Master, Rendition } from './master.ts';
import type { MastersStore } from './masters.store.ts';
import type { MasterView, RecordingView } from './recording.schema.ts';
import { qualityReader } from './quality.view.ts';
import { masterView, recordingView } from './recording.view.ts';
import { planEpisode } from './render/plan.ts';
import type { RenderService } from './render.service.ts';
import { inTurns } from './render/turns.ts';
import type { Recording, TakesStore } from './takes.store.ts';
import type { RecordingTimeline } from './timeline.schema.ts';

/** A finished master as the publication takes it; files are absolute. */
export type ReadyMaster = {
  masterId: string;
  roomId: string;
  renditions: (Rendition & { path: string })[];
  speakers: string[];
};

type Deps = {
  takes: TakesStore;
  masters: MastersStore;
  render: Pick<RenderService, 'progressOf'>;
  recordingsDir: string;
  publicUrl: string;
};

/** More than one list of a host holds, so that a list that is polled reads no journal twice. */
const KEPT_TIMELINES = 500;
/** A list that is read in turns leaves the database to others in between. */
const LISTED_AT_ONCE = 4;

export const recordingReader = ({ takes, masters, render, recordingsDir, publicUrl }: Deps) => {
  /** Journals of closed recordings change no more: the last that were asked for are read once. */
  const closed = new Map<string, RecordingTimeline>();
  const timelineOf = async ({ id, state }: Recording): Promise<RecordingTimeline> => {
    const kept = closed.get(id);
    if (kept) return kept;
    const timeline = await readTimeline(join(recordingsDir, id));
    if (state === 'closed') closed.set(id, timeline);
    if (closed.size > KEPT_TIMELINES) closed.delete(closed.keys().next().value!);
    return timeline;
  };

  const qualityOf = qualityReader(recordingsDir);
  const viewOfMaster = async (master: Master): Promise<MasterView> => {
    const progress = master.state === 'rendering' ? render.progressOf(master.id) : undefined;
    return masterView(master, { publicUrl, progress, quality: await qualityOf(master) });
  };

  const view = async (recording: Recording): Promise<RecordingView> => {
    const [room, known, master, besides, episodes] = await Promise.all([
      takes.roomOf(recording.id),
      timelineOf(recording),
      masters.newestOf(recording.id),
      masters.besidesOf(recording.id),
      masters.episodesOf(recording.id),
    ]);
    if (!room) throw new Problem('not-found');
    return recordingView({
      publicUrl,
      recording,
      room,
      timeline: known,
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
    ownRecording,
    ownMaster,
    readyMaster,
    /** One master as its host sees it. */
    readMaster: async (recordingId: string, masterId: string, hostId: string): Promise<MasterView> =>
      viewOfMaster(await ownMaster(recordingId, masterId, hostId)),
    /** One recording as its host sees it; `not-found` for anybody else's. */
    read: async (recordingId: string, hostId: string): Promise<RecordingView> =>
      view(await ownRecording(recordingId, hostId)),
    list: async (hostId: string): Promise<RecordingView[]> =>
      inTurns(await takes.recordingsOfHost(hostId), LISTED_AT_ONCE, view),
  };
};

export type RecordingReader = ReturnType<typeof recordingReader>;
