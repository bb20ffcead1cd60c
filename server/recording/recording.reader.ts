/** What hosts and the publication read of recordings: rows for states, the journal for lengths, tracks and gaps. */
import { join } from 'node:path';
import { Problem } from '../problems.ts';
import { readTimeline } from './capture/measure-tracks.ts';
import type { Master, Rendition } from './master.ts';
import type { MastersStore } from './masters.store.ts';
import type { MasterView, RecordingView } from './recording.schema.ts';
import { masterView, recordingView } from './recording.view.ts';
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

  const viewOfMaster = (master: Master): MasterView =>
    masterView(master, publicUrl, master.state === 'rendering' ? render.progressOf(master.id) : undefined);

  const view = async (recording: Recording): Promise<RecordingView> => {
    const [room, known, master, episodes] = await Promise.all([
      takes.roomOf(recording.id),
      timelineOf(recording),
      masters.newestOf(recording.id),
      masters.episodesOf(recording.id),
    ]);
    if (!room) throw new Problem('not-found');
    return recordingView({
      publicUrl,
      recording,
      room,
      timeline: known,
      master: master ? viewOfMaster(master) : null,
      episodes,
    });
  };

  const ownRecording = async (recordingId: string, hostId: string): Promise<Recording> => {
    const [recording, room] = await Promise.all([takes.recording(recordingId), takes.roomOf(recordingId)]);
    // Somebody else's recording answers like a missing one
    if (!recording || room?.hostId !== hostId) throw new Problem('not-found');
    return recording;
  };

  /** The newest master when it is ready. Throws `master-not-ready`, with the render's own Problem if it failed. */
  const readyMaster = async (recordingId: string): Promise<ReadyMaster> => {
    const [master, room] = await Promise.all([masters.newestOf(recordingId), takes.roomOf(recordingId)]);
    if (!room) throw new Problem('not-found');
    if (!master) throw new Problem('nothing-recorded');
    if (master.state !== 'ready') throw new Problem('master-not-ready', { detail: master.problem?.detail });
    const dir = join(recordingsDir, recordingId);
    const cut = new Set(master.cut.map(({ takeId }) => takeId));
    const heard = (await readTimeline(dir)).takes.filter((take) => cut.has(take.takeId));
    const voices = heard.flatMap((take) =>
      take.tracks.filter((track) => track.published).map((track) => track.speaker),
    );
    return {
      masterId: master.id,
      roomId: room.id,
      renditions: master.renditions.map((rendition) => ({ ...rendition, path: join(dir, rendition.file) })),
      speakers: [...new Set(voices)],
    };
  };

  return {
    ownRecording,
    readyMaster,
    /** One recording as its host sees it; `not-found` for anybody else's. */
    read: async (recordingId: string, hostId: string): Promise<RecordingView> =>
      view(await ownRecording(recordingId, hostId)),
    list: async (hostId: string): Promise<RecordingView[]> =>
      inTurns(await takes.recordingsOfHost(hostId), LISTED_AT_ONCE, view),
  };
};

export type RecordingReader = ReturnType<typeof recordingReader>;
