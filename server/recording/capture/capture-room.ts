/**
 * The capture's place in the room: a hidden recorder that subscribes to allowed microphones and to nothing else. The
 * one file of the server that speaks to @livekit/rtc-node.
 */
import type {
  RemoteParticipant,
  RemoteTrack,
  RemoteTrackPublication,
  RoomOptions,
  TrackPublication,
} from '@livekit/rtc-node';
import { AudioStream, DisconnectReason, Room, RoomEvent, TrackKind, TrackSource, dispose } from '@livekit/rtc-node';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import type { Reception } from './loss.ts';
import { watchReception } from './reception.ts';

/** Longer frames cost less: every stream of the process hears the events of all. */
export const FRAME_MS = 20;
const CONNECT_TIMEOUT_MS = 4_000;

/**
 * Two peer connections: with a single one the native client waits 150 ms before each of its own offers, and the first
 * frame comes 420 ms after the start of a join instead of 240. rtc-node's types do not name the option, its native
 * side has it.
 */
const JOIN_OPTIONS: RoomOptions & { singlePeerConnection: boolean } = {
  autoSubscribe: false,
  dynacast: false,
  singlePeerConnection: false,
};

/** Why the room let go: it was ended, we were replaced or sent out, or the connection is lost (and may be tried again). */
export type LeaveReason = 'roomEnded' | 'superseded' | 'removed' | 'connectionLost';

export type RoomEvents = {
  mayHear: (identity: string) => boolean;
  onFrame: (identity: string, trackSid: string, samples: Int16Array) => void;
  /** A few times a second, for every track that is heard. */
  onReception: (trackSid: string, reception: Reception) => void;
  onTrackGone: (trackSid: string) => void;
  onMuted: (trackSid: string, muted: boolean) => void;
  onReconnecting: () => void;
  onReconnected: () => void;
  onDisconnected: (reason: LeaveReason) => void;
};

export type CaptureRoom = {
  /** Microphones that are allowed and published, whether their frames have come or not. */
  expected: () => number;
  /** Subscribes and unsubscribes as `mayHear` says now. */
  refresh: () => void;
  leave: () => Promise<void>;
};

const reasonOf = (reason: DisconnectReason): LeaveReason => {
  if (reason === DisconnectReason.ROOM_DELETED || reason === DisconnectReason.ROOM_CLOSED) return 'roomEnded';
  if (reason === DisconnectReason.DUPLICATE_IDENTITY) return 'superseded';
  if (reason === DisconnectReason.PARTICIPANT_REMOVED) return 'removed';
  return 'connectionLost';
};

const isMicrophone = (publication: TrackPublication): boolean =>
  publication.kind === TrackKind.KIND_AUDIO && publication.source === TrackSource.SOURCE_MICROPHONE;

const microphonesIn = (room: Room): [RemoteParticipant, RemoteTrackPublication][] =>
  [...room.remoteParticipants.values()].flatMap((participant) =>
    [...participant.trackPublications.values()].filter(isMicrophone).map((publication) => {
      return [participant, publication] as [RemoteParticipant, RemoteTrackPublication];
    }),
  );

const wire = (room: Room, events: RoomEvents, refresh: () => void): void => {
  /** A full reconnect makes new tracks under old sids; the stale stream must not double the sound. */
  const current = new Map<string, AudioStream>();
  const hear = async (track: RemoteTrack, publication: TrackPublication, identity: string): Promise<void> => {
    const trackSid = publication.sid ?? '';
    const stream = new AudioStream(track, { sampleRate: SAMPLE_RATE, numChannels: 1, frameSizeMs: FRAME_MS });
    current.set(trackSid, stream);
    const watch = watchReception(track, (counts) =>
      events.onReception(trackSid, { ...counts, muted: publication.muted ?? false }),
    );
    for await (const frame of stream) {
      if (current.get(trackSid) !== stream) break;
      events.onFrame(identity, trackSid, frame.data);
    }
    watch.stop();
  };
  room.on(RoomEvent.TrackPublished, refresh);
  room.on(RoomEvent.TrackSubscribed, (track, publication, { identity }) => {
    if (events.mayHear(identity)) void hear(track, publication, identity);
    else publication.setSubscribed(false);
  });
  room.on(RoomEvent.TrackUnsubscribed, (_track, publication) => events.onTrackGone(publication.sid ?? ''));
  room.on(RoomEvent.TrackUnpublished, (publication) => events.onTrackGone(publication.sid ?? ''));
  room.on(RoomEvent.TrackMuted, (publication) => events.onMuted(publication.sid ?? '', true));
  room.on(RoomEvent.TrackUnmuted, (publication) => events.onMuted(publication.sid ?? '', false));
  room.on(RoomEvent.Reconnecting, events.onReconnecting);
  room.on(RoomEvent.Reconnected, () => {
    refresh();
    events.onReconnected();
  });
  room.on(RoomEvent.Disconnected, (reason) => events.onDisconnected(reasonOf(reason)));
};

/** `connect` cannot be called off: one that succeeds after its time is undone. */
const connectInTime = async (room: Room, url: string, token: string): Promise<void> => {
  const connected = room.connect(url, token, JOIN_OPTIONS);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)), CONNECT_TIMEOUT_MS);
  });
  await Promise.race([connected, late])
    .catch((error: unknown) => {
      void connected.then(() => room.disconnect()).catch(() => {});
      throw error;
    })
    .finally(() => clearTimeout(timer));
};

/** Joins; the red light is on in every client from here. Rejects when LiveKit refuses or does not answer in 4 s. */
export const joinRoom = async (url: string, token: string, events: RoomEvents): Promise<CaptureRoom> => {
  const room = new Room();
  const refresh = (): void => {
    for (const [participant, publication] of microphonesIn(room)) {
      const wanted = events.mayHear(participant.identity);
      if (wanted !== publication.subscribed) publication.setSubscribed(wanted);
    }
  };
  wire(room, events, refresh);
  await connectInTime(room, url, token);
  refresh();
  return {
    expected: () => microphonesIn(room).filter(([participant]) => events.mayHear(participant.identity)).length,
    refresh,
    leave: () => room.disconnect(),
  };
};

/** Ends the native side; without it the process hangs. */
export const leaveForGood = (): Promise<void> => dispose();
