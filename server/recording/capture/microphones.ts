/**
 * The microphones of the room. Those that may be captured are heard. Of the others nothing is received, but LiveKit
 * tells who speaks only of those one is subscribed to (`SendSpeakerUpdate` of its 1.13), and the gate against bleed
 * has to know: they are subscribed to with their forwarding switched off before the subscription, so that no packet of
 * that voice leaves LiveKit for this process, and no stream is ever made of it.
 */
import type { RemoteParticipant, RemoteTrack, RemoteTrackPublication, Room, TrackPublication } from '@livekit/rtc-node';
import { AudioStream, TrackKind, TrackSource } from '@livekit/rtc-node';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import type { RoomEvents } from './capture-room.ts';
import { watchReception } from './reception.ts';

/** Longer frames cost less: every stream of the process hears the events of all. */
const FRAME_MS = 20;
/** LiveKit works off wishes in its own time: one that is taken back too soon was never made. */
const RENEW_MS = 500;

/** One published microphone of somebody else. */
export type Microphone = { identity: string; trackSid: string; muted: boolean };

type Published = { participant: RemoteParticipant; publication: RemoteTrackPublication; trackSid: string };
/** rtc-node's own classes have no word for it, its native side has; the one client of that is global. */
type NativeClient = { request: (request: unknown) => unknown };

const isMicrophone = (publication: TrackPublication): boolean =>
  publication.kind === TrackKind.KIND_AUDIO && publication.source === TrackSource.SOURCE_MICROPHONE;

const microphonesIn = (room: Room): Published[] =>
  [...room.remoteParticipants.values()].flatMap((participant) =>
    [...participant.trackPublications.values()]
      .filter((publication) => isMicrophone(publication) && publication.sid !== undefined)
      .map((publication) => ({ participant, publication, trackSid: publication.sid! })),
  );

/** Whether LiveKit sends the sound of this track; may be said before it is subscribed to. */
const setForwarding = (publication: RemoteTrackPublication, enabled: boolean): void => {
  const client = (globalThis as { _ffiClientInstance?: NativeClient })._ffiClientInstance!;
  const value = { trackPublicationHandle: publication.ffiHandle.handle, enabled };
  client.request({ message: { case: 'enableRemoteTrackPublication', value } });
};

export const microphones = (room: Room, events: RoomEvents) => {
  /** A full reconnect makes new tracks under old sids; the stale stream must not double the sound. */
  const streams = new Map<string, { stream: AudioStream; stop: () => void }>();
  const forwarded = new Map<string, boolean>();

  const hear = async (track: RemoteTrack, { publication, participant, trackSid }: Published): Promise<void> => {
    const stream = new AudioStream(track, { sampleRate: SAMPLE_RATE, numChannels: 1, frameSizeMs: FRAME_MS });
    const { stop } = watchReception(track, (counts) =>
      events.onReception(trackSid, { ...counts, muted: publication.muted ?? false }),
    );
    streams.set(trackSid, { stream, stop });
    for await (const frame of stream) {
      if (streams.get(trackSid)?.stream !== stream) break;
      events.onFrame(participant.identity, trackSid, frame.data);
    }
    stop();
  };
  /** Nothing of it is taken or looked at from here on; its loop ends with the frame that may come still. */
  const letGo = (trackSid: string): void => {
    streams.get(trackSid)?.stop();
    streams.delete(trackSid);
  };

  const attend = (published: Published): void => {
    const { publication, participant, trackSid } = published;
    const wanted = events.mayHear(participant.identity);
    if (forwarded.get(trackSid) !== wanted) setForwarding(publication, wanted);
    forwarded.set(trackSid, wanted);
    if (!wanted) letGo(trackSid);
    if (!publication.subscribed) publication.setSubscribed(true);
    else if (wanted && publication.track && !streams.has(trackSid)) void hear(publication.track, published);
  };
  const refresh = (): void => microphonesIn(room).forEach(attend);

  return {
    refresh,
    /** What was agreed with LiveKit is void: after a full reconnect. */
    startOver: (): void => {
      forwarded.clear();
      refresh();
    },
    subscribed: (track: RemoteTrack, publication: RemoteTrackPublication, participant: RemoteParticipant): void => {
      const trackSid = publication.sid ?? '';
      forwarded.delete(trackSid);
      letGo(trackSid);
      attend({ publication, participant, trackSid });
      if (events.mayHear(participant.identity) && !streams.has(trackSid)) {
        void hear(track, { publication, participant, trackSid });
      }
    },
    /** Unsubscribed or unpublished. */
    gone: (trackSid: string): void => {
      letGo(trackSid);
      forwarded.delete(trackSid);
      events.onTrackGone(trackSid);
    },
    /**
     * Gets a track anew whose sound has stopped coming: LiveKit stops and starts sending it, and a new stream is made
     * of it. What writes it goes on. (A track that was unsubscribed from does not come back in rtc-node 1.1.)
     */
    renew: (trackSid: string): void => {
      const published = microphonesIn(room).find((one) => one.trackSid === trackSid);
      if (!published) return;
      letGo(trackSid);
      setForwarding(published.publication, false);
      setTimeout(() => {
        forwarded.delete(trackSid);
        refresh();
      }, RENEW_MS);
    },
    all: (): Microphone[] =>
      microphonesIn(room).map(({ participant, publication, trackSid }) => {
        return { identity: participant.identity, trackSid, muted: publication.muted ?? false };
      }),
  };
};
