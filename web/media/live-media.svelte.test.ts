import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import { LiveMedia } from './live-media.svelte.ts';

type Listener = (...args: unknown[]) => void;

/** What LiveMedia needs of livekit-client's emitters. */
class Emitter {
  private readonly listeners = new Map<string, Set<Listener>>();
  on(name: string, listener: Listener): this {
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener));
    return this;
  }
  off(name: string, listener: Listener): this {
    this.listeners.get(name)?.delete(listener);
    return this;
  }
  emit(name: string, ...args: unknown[]): void {
    for (const listener of this.listeners.get(name) ?? []) listener(...args);
  }
}

class FakeRoom extends Emitter {
  static readonly made: FakeRoom[] = [];
  readonly track = new Emitter();
  readonly remoteParticipants = new Map();
  readonly localParticipant = {
    permissions: { canPublish: true },
    setMicrophoneEnabled: vi.fn<(on: boolean) => Promise<void>>(async (on) => {
      if (on) this.emit('localTrackPublished', { track: this.track });
    }),
  };
  readonly connect = async () => undefined;
  readonly disconnect = async () => undefined;
  readonly startAudio = async () => undefined;
  readonly canPlaybackAudio = true;
  readonly isRecording = false;
  constructor() {
    super();
    FakeRoom.made.push(this);
  }
}

vi.mock('livekit-client', async (original) => ({
  ...(await original<object>()),
  get Room() {
    return FakeRoom;
  },
}));

const ticket = { mediaUrl: 'ws://here/media', mediaToken: 'token' } as Ticket;
let renewed: PromiseWithResolvers<Ticket>;
let media: LiveMedia;
const room = (): FakeRoom => FakeRoom.made.at(-1)!;

beforeEach(async () => {
  vi.useFakeTimers();
  FakeRoom.made.length = 0;
  renewed = Promise.withResolvers<Ticket>();
  const nothing = () => undefined;
  media = new LiveMedia({ renew: () => renewed.promise, onend: nothing, onrefused: nothing, isFinal: () => false });
  await media.connect(ticket);
});
afterEach(() => vi.useRealTimers());

it('a microphone that was unplugged is said to be gone, until it is heard again through another one', async () => {
  await media.toggleMicrophone();
  room().track.emit('ended');
  expect(media.microphone).toBe('lost');
  room().track.emit('restarted');
  expect(media.microphone).toBe('on');
});

it('a microphone that is gone for good stays said to be gone, although it is muted as well', async () => {
  await media.toggleMicrophone();
  room().track.emit('ended');
  room().emit('trackMuted', {}, room().localParticipant);
  expect(media.microphone).toBe('lost');
});

it('nobody is called heard while the connection is gone; the microphone opens again with it', async () => {
  await media.toggleMicrophone();
  room().emit('disconnected');
  expect(media.microphone).toBe('opening');
  renewed.resolve(ticket);
  await vi.advanceTimersByTimeAsync(1000);
  expect(media.microphone).toBe('on');
  expect(room().localParticipant.setMicrophoneEnabled).toHaveBeenCalledWith(true);
});

it('a tap while the connection is gone keeps the microphone closed when it is back', async () => {
  await media.toggleMicrophone();
  room().emit('disconnected');
  await media.toggleMicrophone();
  expect(media.microphone).toBe('off');
  renewed.resolve(ticket);
  await vi.advanceTimersByTimeAsync(1000);
  expect(room().localParticipant.setMicrophoneEnabled).not.toHaveBeenCalled();
});

it('who leaves while a new ticket is under way joins nothing any more', async () => {
  room().emit('disconnected');
  await vi.advanceTimersByTimeAsync(1000);
  await media.disconnect();
  const before = FakeRoom.made.length;
  renewed.resolve(ticket);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeRoom.made).toHaveLength(before);
  expect(media.phase).toBe('closed');
});

it('coming back to the page does not start a second connection beside one that mends itself', async () => {
  room().emit('reconnecting');
  renewed.resolve(ticket);
  const before = FakeRoom.made.length;
  media.rejoin();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeRoom.made).toHaveLength(before);
  room().emit('reconnected');
  expect(media.phase).toBe('live');
});
