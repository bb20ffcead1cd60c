/** One evening: speakers and listeners who really connect, takes at their seconds, an episode at the end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { Bot, Heard } from '../../test/support/bot.ts';
import { startBot } from '../../test/support/bot.ts';
import { wavBytes } from '../../test/support/sound.ts';
import { ADA, BO, speak } from '../../test/support/voices.ts';
import { until } from '../../test/support/wait.ts';
import type { House } from './house.ts';
import type { DemoOptions, Range } from './options.ts';

/** Everybody is connected and their files are decoded before this has passed. */
const BREATH_MS = 2_000;
/** How long before its first sample a take is ordered: what a warm capture needs to join and subscribe. */
const START_LEAD_MS = 400;
/** A built-in voice talks this much longer than the last take. */
const AFTER_LAST_TAKE_SECONDS = 3;

const CONSENT = {
  recorded: true,
  published: true,
  wording: 'May we record your voice, and may the host publish it afterwards?',
  language: 'en',
};

export type Evening = {
  room: string;
  recordingId: string;
  recording: RecordingView;
  /** Epoch ms of the speakers' first sample. */
  t0: number;
  heard: Heard[];
  stopToReadyMs: number;
};

const enter = (ticket: Ticket): Promise<Bot> => startBot({ mediaUrl: ticket.mediaUrl, token: ticket.mediaToken });

const at = async (epochMs: number): Promise<void> => {
  const waitMs = epochMs - Date.now();
  if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
};

/** The files to speak: those given, or the built-in voices written into `folder`. */
const soundFiles = ({ speakers, records }: DemoOptions, folder: string): string[] => {
  const seconds = records.at(-1)!.to + AFTER_LAST_TAKE_SECONDS;
  return speakers.map(({ name, wav }, index) => {
    if (wav) return wav;
    const file = join(folder, `${name}.wav`);
    writeFileSync(file, wavBytes(speak(index === 0 ? ADA : BO, seconds)));
    return file;
  });
};

const recordRange = async (house: House, room: string, t0: number, { from, to }: Range): Promise<RecordingView> => {
  await at(t0 + from * 1000 - START_LEAD_MS);
  await house.startRecording(room);
  await at(t0 + to * 1000);
  return house.stopRecording(room);
};

const readyRecording = (house: House, recordingId: string): Promise<RecordingView> =>
  until(
    async () => {
      const recording = await house.recording(recordingId);
      const { master } = recording;
      if (master?.state === 'failed') throw new Error(master.problem?.detail ?? 'the render failed');
      return master?.state === 'ready' && recording;
    },
    { timeoutMs: 600_000, everyMs: 100, what: 'the master is ready' },
  );

const takeAll = async (house: House, room: string, t0: number, records: Range[]): Promise<[RecordingView, number]> => {
  let last: RecordingView | undefined;
  for (const range of records) last = await recordRange(house, room, t0, range);
  const stoppedAt = t0 + records.at(-1)!.to * 1000;
  const recording = await readyRecording(house, last!.id);
  return [recording, Date.now() - stoppedAt];
};

/** Holds the evening and returns when the master is ready and everybody has left. */
export const holdEvening = async (
  house: House,
  options: DemoOptions,
  { say, ffmpegBin }: { say: (line: string) => void; ffmpegBin: string },
): Promise<Evening> => {
  const { slug: room, url } = await house.createRoom('An evening under the arches', 'Two voices try out the room');
  await house.startLiveSession(room);
  say(`The room is live: ${url}`);
  const folder = mkdtempSync(join(tmpdir(), 'loggia-demo-'));
  const files = soundFiles(options, folder);
  const speakers: Bot[] = [];
  for (const { name } of options.speakers) speakers.push(await enter(await house.speakerTicket(room, name, CONSENT)));
  await Promise.all(speakers.map((speaker) => speaker.publish()));
  const listeners: Bot[] = [];
  for (let count = 0; count < options.listeners; count++) listeners.push(await enter(await house.listenerTicket(room)));
  say(`On stage: ${options.speakers.map(({ name }) => name).join(', ')}. Listening: ${listeners.length}.`);

  const t0 = Date.now() + BREATH_MS;
  const talks = Promise.all(speakers.map((speaker, index) => speaker.talk(files[index]!, t0, ffmpegBin)));
  const [[recording, stopToReadyMs]] = await Promise.all([takeAll(house, room, t0, options.records), talks]);
  rmSync(folder, { recursive: true });
  say('Recorded and rendered.');
  const heard = await Promise.all(listeners.map((listener) => listener.leave()));
  await Promise.all(speakers.map((speaker) => speaker.leave()));
  await house.endLiveSession(room);
  return { room, recordingId: recording.id, recording, t0, heard, stopToReadyMs };
};
