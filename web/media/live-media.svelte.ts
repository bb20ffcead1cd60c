import {
  DisconnectReason,
  Room,
  RoomEvent,
  Track,
  TrackEvent,
  type LocalTrackPublication,
  type Participant,
  type RemoteTrack,
} from 'livekit-client';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import { brightness, LEVEL_INTERVAL_MS } from './levels.ts';
import { playRecordingTone } from './sound.ts';

export type MediaPhase = 'connecting' | 'live' | 'reconnecting' | 'unreachable' | 'closed';
export type MicrophoneState = 'off' | 'opening' | 'on' | 'blocked' | 'lost';
export type MediaEnd = 'removed' | 'ended' | 'taken over';

const END: Partial<Record<DisconnectReason, MediaEnd>> = {
  [DisconnectReason.PARTICIPANT_REMOVED]: 'removed',
  [DisconnectReason.ROOM_DELETED]: 'ended',
  [DisconnectReason.DUPLICATE_IDENTITY]: 'taken over',
};
const REJOIN_MS = [500, 1000, 2000, 4000, 8000, 8000, 8000, 15_000, 15_000, 30_000, 30_000] as const;
const PERMISSION_WAIT_MS = 8000;

const newRoom = (): Room =>
  new Room({
    // livekit-client 2.23 against LiveKit 1.13 joins without media in single-peer-connection mode
    // ("Transceiver not found based on m-line index"); two connections work, and use /rtc, the path the gateway opens.
    singlePeerConnection: false,
    adaptiveStream: false,
    dynacast: false,
    publishDefaults: { dtx: true, red: true, stopMicTrackOnMute: false },
    audioCaptureDefaults: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });

interface MediaDeps {
  /** A fresh ticket for the same identity. Fails when the visit is over. */
  renew: () => Promise<Ticket>;
  onend: (end: MediaEnd) => void;
  onrefused: (thrown: unknown) => void;
  /** Whether a failed renewal is about this visit, so that trying again is pointless. */
  isFinal: (thrown: unknown) => boolean;
}

/** The sound of a live room: what is heard, who is heard, one's own microphone, and the red light of the media plane. */
export class LiveMedia {
  phase = $state<MediaPhase>('connecting');
  microphone = $state<MicrophoneState>('off');
  /** The browser waits for a tap before it plays. */
  blocked = $state(false);
  recording = $state(false);
  /** Brightness 0…1 of everybody who speaks now, by identity. */
  levels = $state.raw<ReadonlyMap<string, number>>(new Map());
  volume = $state(1);

  private readonly deps: MediaDeps;
  private room = newRoom();
  /** The room once it was really joined; a failed attempt ends without having begun. */
  private joined: Room | null = null;
  private attempt = 0;
  private leaving = false;
  private wasOn = false;
  private levelsAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: MediaDeps) {
    this.deps = deps;
  }

  /** Joins with the ticket; resolves when the sound is there or the way back has begun. Nothing once it was left. */
  async connect(ticket: Ticket): Promise<void> {
    if (this.leaving) return;
    const before = this.room;
    const room = newRoom();
    this.room = room;
    this.joined = null;
    void before.disconnect();
    this.listen(room);
    try {
      await room.connect(ticket.mediaUrl, ticket.mediaToken);
    } catch {
      if (room === this.room) this.rejoinLater();
      return;
    }
    this.attempt = 0;
    this.joined = room;
    this.phase = 'live';
    this.recording = room.isRecording;
    await room.startAudio().catch(() => undefined);
    this.blocked = !room.canPlaybackAudio;
    if (this.wasOn) await this.setMicrophone(true);
  }

  /** For the tap on the veil. */
  async startAudio(): Promise<void> {
    await this.room.startAudio();
    this.blocked = !this.room.canPlaybackAudio;
  }

  /** For the tap on the microphone. While there is no connection, it opens as soon as there is one, or no longer. */
  toggleMicrophone(): Promise<void> {
    return this.setMicrophone(this.joined ? this.microphone !== 'on' : !this.wasOn);
  }

  private async setMicrophone(on: boolean): Promise<void> {
    this.wasOn = on;
    if (on) this.microphone = 'opening';
    if (on && !this.joined) return;
    try {
      if (on) await this.mayPublish();
      await this.room.localParticipant.setMicrophoneEnabled(on);
      this.microphone = on ? 'on' : 'off';
    } catch {
      this.wasOn = false;
      this.microphone = 'blocked';
    }
  }

  setVolume(volume: number): void {
    this.volume = volume;
    for (const participant of this.room.remoteParticipants.values()) participant.setVolume(volume);
  }

  /** Tries at once again, for the tap after all attempts have failed or when the page comes back from the freezer. */
  rejoin(): void {
    // Joined: livekit-client is there, or on its own way back.
    if (this.leaving || this.joined !== null || this.phase === 'connecting') return;
    this.attempt = 0;
    clearTimeout(this.timer);
    this.phase = 'reconnecting';
    void this.rejoinNow();
  }

  async disconnect(): Promise<void> {
    this.leaving = true;
    clearTimeout(this.timer);
    this.phase = 'closed';
    await this.room.disconnect();
  }

  private listen(room: Room): void {
    room
      .on(RoomEvent.TrackSubscribed, (track) => this.hear(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => track.detach().forEach((element) => element.remove()))
      .on(RoomEvent.ActiveSpeakersChanged, (speakers) => this.light(speakers))
      .on(RoomEvent.RecordingStatusChanged, (recording) => this.setRecording(recording))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => (this.blocked = !room.canPlaybackAudio))
      .on(RoomEvent.Reconnecting, () => this.follow(room, 'reconnecting'))
      .on(RoomEvent.Reconnected, () => this.follow(room, 'live'))
      .on(RoomEvent.LocalTrackPublished, (publication) => this.watchMicrophone(publication))
      .on(RoomEvent.TrackMuted, (_publication, participant) => {
        if (participant === room.localParticipant) this.closedByOthers();
      })
      .on(RoomEvent.Disconnected, (reason) => this.lost(room, reason));
  }

  private hear(track: RemoteTrack): void {
    if (track.kind !== Track.Kind.Audio) return;
    // An element, never WebAudio: iOS suspends an AudioContext when the screen is locked.
    document.body.append(track.attach());
    this.setVolume(this.volume);
  }

  private light(speakers: Participant[]): void {
    const now = performance.now();
    const same = speakers.length === this.levels.size && speakers.every(({ identity }) => this.levels.has(identity));
    if (same && now - this.levelsAt < LEVEL_INTERVAL_MS) return;
    this.levelsAt = now;
    this.levels = new Map(
      speakers.map(({ identity, audioLevel }) => [identity, brightness(audioLevel, this.levels.get(identity) ?? 0)]),
    );
  }

  private setRecording(recording: boolean): void {
    if (recording === this.recording) return;
    this.recording = recording;
    if (this.phase === 'live') playRecordingTone(recording);
  }

  /** When a microphone ends by itself, livekit-client goes over to the default one, or mutes when there is none. */
  private watchMicrophone(publication: LocalTrackPublication): void {
    publication.track
      ?.on(TrackEvent.Ended, () => (this.microphone = 'lost'))
      .on(TrackEvent.Restarted, () => {
        if (this.microphone === 'lost') this.microphone = 'on';
      });
  }

  private closedByOthers(): void {
    this.wasOn = false;
    if (this.microphone !== 'lost') this.microphone = 'off';
  }

  private follow(room: Room, phase: MediaPhase): void {
    if (room === this.joined) this.phase = phase;
  }

  /** An answer to the consent questions opens the permission on the server; it arrives a moment later. */
  private mayPublish(): Promise<void> {
    const room = this.room;
    const allowed = () => room.localParticipant.permissions?.canPublish === true;
    if (allowed()) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(reject, PERMISSION_WAIT_MS);
    const check = (): void => {
      if (allowed()) resolve();
    };
    room.on(RoomEvent.ParticipantPermissionsChanged, check);
    return promise.finally(() => {
      clearTimeout(timer);
      room.off(RoomEvent.ParticipantPermissionsChanged, check);
    });
  }

  private lost(room: Room, reason?: DisconnectReason): void {
    if (room !== this.joined || this.leaving) return;
    this.joined = null;
    this.levels = new Map();
    if (this.wasOn) this.microphone = 'opening';
    const end = reason === undefined ? undefined : END[reason];
    if (end) {
      this.phase = 'closed';
      this.deps.onend(end);
    } else this.rejoinLater();
  }

  private rejoinLater(): void {
    if (this.leaving) return;
    const wait = REJOIN_MS[this.attempt];
    this.attempt += 1;
    this.phase = wait === undefined ? 'unreachable' : 'reconnecting';
    if (wait !== undefined) this.timer = setTimeout(() => void this.rejoinNow(), wait);
  }

  private async rejoinNow(): Promise<void> {
    try {
      await this.connect(await this.deps.renew());
    } catch (thrown) {
      if (this.deps.isFinal(thrown)) this.deps.onrefused(thrown);
      else this.rejoinLater();
    }
  }
}
