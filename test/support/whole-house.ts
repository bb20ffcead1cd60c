/** A whole instance as `npm start` runs it, with launcher, own Postgres and own LiveKit, in folders that go away. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { House } from '../../scripts/demo/house.ts';
import { openHouse } from '../../scripts/demo/house.ts';
import type { Stack } from '../../scripts/stack.ts';
import { startAll } from '../../scripts/stack.ts';
import type { Environment } from '../../server/config.ts';
import { POINTER_FILE, PointerSchema } from '../../server/recording/capture/control.schema.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { Bot } from './bot.ts';
import { startBot } from './bot.ts';
import { wavBytes } from './sound.ts';
import { until } from './wait.ts';

export const CONSENT = { recorded: true, published: true, wording: 'May we record your voice?', language: 'en' };

export type WholeHouse = {
  stack: Stack;
  house: House;
  recordingsDir: string;
  /** Opens a live room with one speaker on stage whose microphone is published. */
  evening: (name: string) => Promise<{ room: string; speaker: Bot }>;
  /** One more speaker in a room, whose microphone is published. */
  join: (room: string, name: string) => Promise<Bot>;
  /** Somebody in the audience. */
  listen: (room: string) => Promise<Bot>;
  /** Writes a sound file into the folder. */
  wav: (name: string, pcm: Int16Array) => Promise<string>;
  capturePid: (recordingId: string) => Promise<number | undefined>;
  /** Waits until the recording's newest master is ready. */
  ready: (recordingId: string) => Promise<RecordingView>;
  stop: () => Promise<void>;
};

/** `web` builds and serves the web app too. A `folder` that is given stays when the house stops, for the next one. */
export const startWholeHouse = async (
  options: { web?: boolean; folder?: string; settings?: Environment } = {},
): Promise<WholeHouse> => {
  const { web = false, settings = process.env } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'loggia-house-')));
  const recordingsDir = join(folder, 'recordings');
  const stack = await startAll({ dataDir: join(folder, 'data'), recordingsDir, freePorts: true, web, settings });
  const house = await openHouse(stack);
  const enter = async (room: string, name: string): Promise<Bot> => {
    const { mediaUrl, mediaToken } = await house.speakerTicket(room, name, CONSENT);
    const bot = await startBot({ mediaUrl, token: mediaToken });
    await bot.publish();
    return bot;
  };
  return {
    stack,
    house,
    recordingsDir,
    evening: async (name) => {
      const { slug: room } = await house.createRoom(`Evening of ${name}`, '');
      await house.startLiveSession(room);
      return { room, speaker: await enter(room, name) };
    },
    join: enter,
    listen: async (room) => {
      const { mediaUrl, mediaToken } = await house.listenerTicket(room);
      return startBot({ mediaUrl, token: mediaToken });
    },
    wav: async (name, pcm) => {
      const file = join(folder, name);
      await writeFile(file, wavBytes(pcm));
      return file;
    },
    capturePid: async (recordingId) => {
      const text = await readFile(join(recordingsDir, recordingId, POINTER_FILE), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : PointerSchema.parse(JSON.parse(text)).pid;
    },
    ready: (recordingId) =>
      until(
        async () => {
          const recording = await house.recording(recordingId);
          return recording.master?.state === 'ready' && recording;
        },
        { timeoutMs: 90_000, everyMs: 200, what: 'the master is ready' },
      ),
    stop: async () => {
      await stack.stop();
      if (!options.folder) await rm(folder, { recursive: true, force: true });
    },
  };
};
