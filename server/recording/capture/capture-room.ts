/**
 * The capture's place in the room: a hidden recorder that hears allowed microphones and nothing else (microphones.ts),
 * over @livekit/rtc-node.
 */
import type { RoomOptions } from '@livekit/rtc-node';
import { DisconnectReason, Room, RoomEvent, dispose } from '@livekit/rtc-node';
import type { Reception } from './loss.ts';
import type { Microphone } from './microphones.ts';
import { microphones } from './microphones.ts';

/** How long each attempt to join may take: an answer that got lost (about one in a thousand) is asked for once more. */
const ATTEMPTS_MS = [3_000, 1_500];
/** How long the word that a newer connection took our place may come after that connection's own success. */
const ECHO_MS = 5_000;

/**
 * Two peer connections: with a single one the native client waits 150 ms before each of its own offers, and the first
 * frame comes 420 ms after the start of a join instead of 240. No attempts of its own beside ours. rtc-node's types do
 * not name these, its native side has them.
 */
const JOIN_OPTIONS: RoomOptions & { singlePeerConnection: boolean; joinRetries: number } = {
  autoSubscribe: false,
  dynacast: false,
  singlePeerConnection: false,
  joinRetries: 0,
};

/** Why the room let go: it was ended, we were replaced or sent out, or the connection is lost (and may be tried again). */
export type LeaveReason = 'roomEnded' | 'superseded' | 'removed' | 'connectionLost';

export type RoomEvents = {
  mayHear: (identity: string) => boolean;
  onFrame: (identity: string, trackSid: string, samples: Int16Array) => void;
  /** A few times a second, for every track that is heard. */
  onReception: (trackSid: string, reception: Reception) => void;
  onTrackGone: (trackSid: string) => void;
  /** LiveKit says that these are speaking, among them some who may not be heard (who-speaks.ts reads it). */
  onNamed: (identities: string[]) => void;
  onMuted: (trackSid: string, muted: boolean) => void;
  onReconnecting: () => void;
  onReconnected: () => void;
  onDisconnected: (reason: LeaveReason) => void;
};

export type CaptureRoom = {
  /** Microphones that are allowed and published, whether their frames have come or not. */
  expected: () => number;
  /** Every published microphone, whether it may be heard or not. */
  microphones: () => Microphone[];
  /** Hears and lets go as `mayHear` says now. */
  refresh: () => void;
  /** Gets a microphone anew whose sound has stopped coming. */
  renew: (trackSid: string) => void;
  leave: () => Promise<void>;
};

const reasonOf = (reason: DisconnectReason): LeaveReason => {
  if (reason === DisconnectReason.ROOM_DELETED || reason === DisconnectReason.ROOM_CLOSED) return 'roomEnded';
  if (reason === DisconnectReason.DUPLICATE_IDENTITY) return 'superseded';
  if (reason === DisconnectReason.PARTICIPANT_REMOVED) return 'removed';
  return 'connectionLost';
};

/** Attempts that were given up and may still succeed, in place of the one that came after them. */
type Ghosts = Set<Room>;

const wire = (room: Room, events: RoomEvents, ears: ReturnType<typeof microphones>, ghosts: Ghosts): void => {
  room.on(RoomEvent.TrackPublished, ears.refresh);
  room.on(RoomEvent.TrackSubscribed, ears.subscribed);
  room.on(RoomEvent.TrackUnsubscribed, (_track, publication) => ears.gone(publication.sid ?? ''));
  room.on(RoomEvent.TrackUnpublished, (publication) => ears.gone(publication.sid ?? ''));
  room.on(RoomEvent.TrackMuted, (publication) => events.onMuted(publication.sid ?? '', true));
  room.on(RoomEvent.TrackUnmuted, (publication) => events.onMuted(publication.sid ?? '', false));
  room.on(RoomEvent.ActiveSpeakersChanged, (named) => events.onNamed(named.map(({ identity }) => identity)));
  room.on(RoomEvent.Reconnecting, events.onReconnecting);
  room.on(RoomEvent.Reconnected, () => {
    ears.startOver();
    events.onReconnected();
  });
  room.on(RoomEvent.Disconnected, (reason) => {
    const why = reasonOf(reason);
    events.onDisconnected(why === 'superseded' && ghosts.size > 0 ? 'connectionLost' : why);
  });
};

/** `connect` cannot be called off: one that succeeds after its time is undone. */
const giveUp = (room: Room, connected: Promise<void>, ghosts: Ghosts): void => {
  room.removeAllListeners();
  ghosts.add(room);
  connected.then(
    async () => {
      await room.disconnect();
      setTimeout(() => ghosts.delete(room), ECHO_MS).unref();
    },
    () => ghosts.delete(room),
  );
};

/** Whether the attempt succeeded in time; rejects when LiveKit refuses. */
const inTime = async (connected: Promise<void>, withinMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  return Promise.race([connected.then(() => true as const), late]).finally(() => clearTimeout(timer));
};

const roomOf = (room: Room, events: RoomEvents, ears: ReturnType<typeof microphones>): CaptureRoom => ({
  microphones: ears.all,
  expected: () => ears.all().filter(({ identity }) => events.mayHear(identity)).length,
  refresh: ears.refresh,
  renew: ears.renew,
  leave: () => room.disconnect(),
});

/** Joins; the red light is on in every client from here. Rejects when LiveKit refuses or does not answer in 4.5 s. */
export const joinRoom = async (url: string, token: string, events: RoomEvents): Promise<CaptureRoom> => {
  const ghosts: Ghosts = new Set();
  for (const withinMs of ATTEMPTS_MS) {
    const room = new Room();
    const ears = microphones(room, events);
    wire(room, events, ears, ghosts);
    const connected = room.connect(url, token, JOIN_OPTIONS);
    if (await inTime(connected, withinMs)) {
      ears.refresh();
      return roomOf(room, events, ears);
    }
    giveUp(room, connected, ghosts);
  }
  throw new Error('no answer, twice');
};

/** Ends the native side; without it the process hangs. */
export const leaveForGood = (): Promise<void> => dispose();
