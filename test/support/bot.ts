/**
 * Talking and listening participants for tests and the demo. Each is a process of its own on @livekit/rtc-node, which
 * must run neither in worker threads nor in the process under test; a bot ends with the process that started it.
 */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BotCommand, BotEvent, Heard, Spoken } from './bot-protocol.ts';
import { BotEventSchema } from './bot-protocol.ts';

export type { Heard, Spoken } from './bot-protocol.ts';

/**
 * Where and as whom: `mediaUrl` may be LiveKit's own address or the gateway's (`ws://host/media`). `inside`: program and
 * arguments that the process is started with, and that put themselves aside (`ip netns exec …`).
 */
export type BotOrder = { mediaUrl: string; token: string; timeoutMs?: number; inside?: readonly string[] };

export type Bot = {
  identity: string;
  pid: number;
  connectMs: number;
  /** Changes of the red light as this participant saw them, oldest first; the first is the state at the join. */
  recordings: { on: boolean; atEpochMs: number }[];
  /** Why the room let go, once it has. */
  disconnected: () => string | undefined;
  /** Publishes a microphone that stays silent until `talk`; answers the track's sid. */
  publish: (options?: { dtx?: boolean }) => Promise<string>;
  /** Takes the microphone away; another one may be published. A talk under way is cut short. */
  unpublish: () => Promise<void>;
  /** Speaks a sound file whose first sample leaves at `atEpochMs`; resolves when all is spoken. */
  talk: (wav: string, atEpochMs: number, ffmpegBin: string) => Promise<Spoken>;
  mute: (muted: boolean) => Promise<void>;
  heard: () => Promise<Heard>;
  /** Leaves the room and ends the process; answers what was heard until then. */
  leave: () => Promise<Heard>;
};

type EventOf<Name extends BotEvent['event']> = Extract<BotEvent, { event: Name }>;

const BOT_MAIN = fileURLToPath(new URL('./bot.main.ts', import.meta.url));

const failureOf = (command: string): string => `failed:${command}`;

const startProcess = (inside: readonly string[]) => {
  // rtc-node prints debug lines to stdout unless NODE_ENV says production.
  const env = { NODE_ENV: 'production', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' };
  const [program, ...args] = [...inside, process.execPath, BOT_MAIN];
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const events = new EventEmitter();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{"event"')) return;
    const event = BotEventSchema.parse(JSON.parse(line));
    events.emit(event.event === 'failed' ? failureOf(event.command) : event.event, event);
  });
  const death = once(child, 'exit').then(([code]) => {
    throw new Error(`the bot's process ended with ${code}`);
  });
  death.catch(() => {});
  const tell = (command: BotCommand): void => void child.stdin.write(`${JSON.stringify(command)}\n`);
  const answer = async <Name extends BotEvent['event']>(name: Name, command: BotCommand): Promise<EventOf<Name>> => {
    const listening = new AbortController();
    const { signal } = listening;
    // A talk that the end of the room cuts short fails only who waits for it.
    const failed = once(events, failureOf(command.do), { signal }).then(([event]) => {
      throw new Error(`bot: ${(event as EventOf<'failed'>).message}`);
    });
    const answered = once(events, name, { signal }).then(([event]) => event as EventOf<Name>);
    tell(command);
    return Promise.race([answered, failed, death]).finally(() => listening.abort());
  };
  return { child, events, answer };
};

/** Starts a bot and joins; throws when it is not connected within `timeoutMs` (10 s). */
export const startBot = async ({ mediaUrl, token, timeoutMs = 10_000, inside = [] }: BotOrder): Promise<Bot> => {
  const { child, events, answer } = startProcess(inside);
  const recordings: Bot['recordings'] = [];
  let reason: string | undefined;
  events.on('recording', ({ on, atEpochMs }: EventOf<'recording'>) => recordings.push({ on, atEpochMs }));
  events.on('disconnected', (event: EventOf<'disconnected'>) => (reason = event.reason));
  const giveUp = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const connected = await answer('connected', { do: 'connect', url: mediaUrl, token })
    .catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    })
    .finally(() => clearTimeout(giveUp));
  recordings.unshift({ on: connected.recording, atEpochMs: Date.now() });

  return {
    identity: connected.identity,
    pid: child.pid!,
    connectMs: connected.ms,
    recordings,
    disconnected: () => reason,
    publish: async ({ dtx = true } = {}) => (await answer('published', { do: 'publish', dtx })).trackSid,
    unpublish: async () => void (await answer('unpublished', { do: 'unpublish' })),
    talk: async (wav, atEpochMs, ffmpegBin) =>
      (await answer('spoken', { do: 'talk', wav, ffmpegBin, atEpochMs })).spoken,
    mute: async (muted) => void (await answer('muted', { do: 'mute', muted })),
    heard: async () => (await answer('heard', { do: 'report' })).heard,
    leave: async () => {
      const ended = once(child, 'exit');
      const { heard } = await answer('heard', { do: 'leave' });
      await ended;
      return heard;
    },
  };
};
