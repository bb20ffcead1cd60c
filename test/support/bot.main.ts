/** The process of one bot: a participant of a LiveKit room that talks and listens as it is told on stdin. */
import { createInterface } from 'node:readline';
import type { RemoteAudioTrack } from '@livekit/rtc-node';
import { DisconnectReason, Room, RoomEvent, TrackKind, dispose } from '@livekit/rtc-node';
import { ear } from './bot-ear.ts';
import { mouth } from './bot-mouth.ts';
import type { BotCommand, BotEvent } from './bot-protocol.ts';
import { BotCommandSchema } from './bot-protocol.ts';
import { decodeSound } from './sound.ts';

const tell = (event: BotEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

const room = new Room();
let ears = ear(0, () => {});
let voice: Awaited<ReturnType<typeof mouth>> | undefined;

const watchRoom = (): void => {
  let lit = room.isRecording;
  room.on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
    if (track.kind === TrackKind.KIND_AUDIO) void ears.listen(participant.identity, track as RemoteAudioTrack);
  });
  room.on(RoomEvent.RoomUpdated, () => {
    if (room.isRecording === lit) return;
    lit = room.isRecording;
    tell({ event: 'recording', on: lit, atEpochMs: Date.now() });
  });
  room.on(RoomEvent.Disconnected, (reason) => tell({ event: 'disconnected', reason: DisconnectReason[reason] }));
};

const connect = async (url: string, token: string): Promise<void> => {
  const sinceMs = performance.now();
  ears = ear(sinceMs, (ms) => tell({ event: 'firstAudio', ms }));
  watchRoom();
  // Missing in the types, passed through: one peer connection joins later, and cannot restart ICE after a lost socket.
  const options = { autoSubscribe: true, dynacast: false, singlePeerConnection: false };
  await room.connect(url, token, options);
  const ms = performance.now() - sinceMs;
  tell({ event: 'connected', ms, identity: room.localParticipant!.identity, recording: room.isRecording });
};

const leave = async (): Promise<void> => {
  tell({ event: 'heard', heard: ears.heard() });
  await room.disconnect();
  await voice?.close();
  await dispose();
  process.exit(0);
};

const obey = async (command: BotCommand): Promise<void> => {
  switch (command.do) {
    case 'connect':
      return connect(command.url, command.token);
    case 'publish':
      voice = await mouth(room, command.dtx);
      return tell({ event: 'published', trackSid: voice.trackSid });
    case 'unpublish':
      await voice!.unpublish();
      return tell({ event: 'unpublished' });
    case 'talk': {
      const pcm = await decodeSound(command.wav, command.ffmpegBin);
      return tell({ event: 'spoken', spoken: await voice!.talk(pcm, command.atEpochMs) });
    }
    case 'mute':
      voice!.mute(command.muted);
      return tell({ event: 'muted', muted: command.muted });
    case 'report':
      return tell({ event: 'heard', heard: ears.heard() });
    case 'leave':
      return leave();
  }
};

// Of rtc-node's own making, when a connection goes while it is used: no command of ours failed.
process.on('unhandledRejection', (error) => console.error('bot:', error));

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const command = BotCommandSchema.parse(JSON.parse(line));
  obey(command).catch((error: unknown) => tell({ event: 'failed', command: command.do, message: String(error) }));
});
// The parent is gone: a bot does not outlive its test.
lines.on('close', () => void leave().catch(() => process.exit(1)));
