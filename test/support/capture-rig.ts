/** A capture on a room of the test run's LiveKit, with speakers who beep: everything that a capture test needs. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptureHandle } from '../../server/recording/capture/capture.client.ts';
import { spawnCapture } from '../../server/recording/capture/capture.client.ts';
import type { Limits, StartUp, TakeOrder } from '../../server/recording/capture/control.schema.ts';
import { DEFAULT_LIMITS, POINTER_FILE } from '../../server/recording/capture/control.schema.ts';
import type { AllowedSpeaker } from '../../server/recording/capture/journal.schema.ts';
import { JOURNAL_FILE, readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import type { TimelineTake, TimelineTrack } from '../../server/recording/timeline.schema.ts';
import type { Bot } from './bot.ts';
import type { MediaRoom } from './media-room.ts';
import { openMediaRoom } from './media-room.ts';
import { services } from './services.ts';
import { SAMPLE_RATE, decodeSound, onsetsOf, writeWav } from './sound.ts';
import { beeps } from './voices.ts';
import { until } from './wait.ts';

export const allowed = (identity: string): AllowedSpeaker => ({
  identity,
  speaker: identity.toUpperCase(),
  seatId: `seat-${identity}`,
  consentId: `consent-${identity}`,
  published: true,
  wording: 'May your voice be recorded, and published?',
  language: 'en',
});

export const takeOf = (takeId: string, ...identities: string[]): TakeOrder => ({
  takeId,
  ordinal: 0,
  allowed: identities.map(allowed),
});

export type CaptureRig = {
  dir: string;
  room: MediaRoom;
  startUp: (limits?: Partial<Limits>, livekitUrl?: string) => Promise<StartUp>;
  /** Starts the capture process, as the API does. */
  capture: (limits?: Partial<Limits>, livekitUrl?: string) => Promise<CaptureHandle>;
  /** A participant who beeps `everySeconds` at this frequency, until the rig is closed. */
  beeper: (identity: string, hz: number, options?: { dbfs?: number; everySeconds?: number }) => Promise<Beeper>;
  take: (takeId: string) => Promise<TimelineTake>;
  pcmOf: (track: TimelineTrack) => Promise<Int16Array>;
  journal: () => Promise<string>;
  /** Ends everything that was started. */
  close: () => Promise<void>;
};

/** `talk` begins at the given instant and is cut short by the end of the test. */
export type Beeper = { bot: Bot; talk: (atEpochMs: number) => void };

const LONGEST_TALK_SECONDS = 60;

export const captureRig = async (): Promise<CaptureRig> => {
  const dir = await mkdtemp(join(tmpdir(), 'loggia-capture-'));
  const room = await openMediaRoom();
  const bots: Bot[] = [];
  const startUp = async (limits: Partial<Limits> = {}, livekitUrl = room.mediaUrl): Promise<StartUp> => ({
    recordingId: 'rec',
    dir,
    socketPath: join(dir, 'control.sock'),
    livekitUrl,
    token: await room.token('recorder', 'rec_rec'),
    ffmpegBin: services().ffmpegBin,
    limits: { ...DEFAULT_LIMITS, ...limits },
  });
  const pids = new Set<number>();
  return {
    dir,
    room,
    startUp,
    capture: async (limits, livekitUrl) => {
      const handle = await spawnCapture(await startUp(limits, livekitUrl));
      pids.add(handle.pid);
      return handle;
    },
    beeper: async (identity, hz, { dbfs, everySeconds } = {}) => {
      const bot = await room.join('speaker', identity);
      bots.push(bot);
      const wav = join(dir, `${identity}.wav`);
      await writeWav(wav, beeps(hz, LONGEST_TALK_SECONDS, everySeconds, dbfs));
      return { bot, talk: (atEpochMs) => void bot.talk(wav, atEpochMs, services().ffmpegBin).catch(() => {}) };
    },
    take: async (takeId) => (await readTimeline(dir)).takes.find((take) => take.takeId === takeId)!,
    pcmOf: (track) => decodeSound(join(dir, track.file), services().ffmpegBin),
    journal: () => readFile(join(dir, JOURNAL_FILE), 'utf8'),
    close: async () => {
      await Promise.all(bots.map((bot) => bot.leave().catch(() => {})));
      await room.end().catch(() => {});
      pids.forEach((pid) => endIfAlive(pid));
      await until(() => [...pids].every((pid) => !isAlive(pid)), { what: 'the captures have ended' });
      await rm(dir, { recursive: true, force: true });
    },
  };
};

/** Whether the process exists and is not a zombie waiting to be reaped. */
export const isAlive = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
};

const endIfAlive = (pid: number): void => {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
};

/** Where the beeps of a track lie, in ms of the wall clock. */
export const beepTimesMs = (take: TimelineTake, track: TimelineTrack, pcm: Int16Array, hz: number): number[] =>
  onsetsOf(pcm, hz).map((seconds) => take.startedAtMs + seconds * 1000 + (track.offsetSamples * 1000) / SAMPLE_RATE);

/** Resolves when the running take is this long. */
export const reached = (positionMs: number, handle: Pick<CaptureHandle, 'status'>): Promise<true> =>
  until(async () => (await handle.status()).positionMs >= positionMs, { timeoutMs: 30_000, what: `${positionMs} ms` });

export const pointerPid = async (dir: string): Promise<number> =>
  (JSON.parse(await readFile(join(dir, POINTER_FILE), 'utf8')) as { pid: number }).pid;
