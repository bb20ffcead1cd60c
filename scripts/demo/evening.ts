/**
 * One evening: speakers and listeners who really connect, a host who records, pauses and sets marks at given seconds,
 * and whatever is to go wrong; then a master.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { Bot, Heard } from '../../test/support/bot.ts';
import { startBot } from '../../test/support/bot.ts';
import { wavBytes } from '../../test/support/sound.ts';
import { ADA, BO, speak } from '../../test/support/voices.ts';
import { until } from '../../test/support/wait.ts';
import type { Stack } from '../stack.ts';
import { killPart } from './faults.ts';
import type { House } from './house.ts';
import type { DemoOptions } from './options.ts';
import type { Step } from './plan.ts';
import { stepsOf } from './plan.ts';
import type { Replay } from './replay.ts';
import { stopAndReplay } from './replay.ts';
import { bringSpeaker } from './speaker.ts';
import type { Speaker } from './speaker.ts';

/** Everybody is connected and their files are decoded before this has passed. */
const BREATH_MS = 2_000;
/** How long before its first sample a take is ordered: what a warm capture needs to join and subscribe. */
const START_LEAD_MS = 400;
/** A built-in voice talks this much longer than the last take. */
const AFTER_LAST_TAKE_SECONDS = 3;

const CONSENT = {
  wording: 'May we record your voice, and may the host publish it afterwards?',
  language: 'en',
};

export type Evening = {
  room: string;
  recordingId: string;
  recording: RecordingView;
  replay: Replay;
  /** Epoch ms of the speakers' first sample. */
  t0: number;
  heard: Heard[];
  stopToReadyMs: number;
};

/** What an evening is held with. */
export type Means = { stack: Stack; house: House; options: DemoOptions; say: (line: string) => void };

const at = async (epochMs: number): Promise<void> => {
  const waitMs = epochMs - Date.now();
  if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
};

/** The files to speak: those given, or the built-in voices written into `folder`. */
const soundFiles = ({ speakers, records }: DemoOptions, folder: string): string[] => {
  const seconds = records.at(-1)!.to + AFTER_LAST_TAKE_SECONDS;
  return speakers.map(({ wav }, index) => {
    if (wav) return wav;
    const file = join(folder, `${index}-built-in.wav`);
    writeFileSync(file, wavBytes(speak(index === 0 ? ADA : BO, seconds)));
    return file;
  });
};

const bringSpeakers = async ({ stack, house, options }: Means, room: string, files: string[]): Promise<Speaker[]> => {
  const speakers: Speaker[] = [];
  for (const [index, { name }] of options.speakers.entries()) {
    const agrees = !options.declined.includes(name);
    const ticket = await house.speakerTicket(room, name, { ...CONSENT, recorded: agrees, published: agrees });
    const cuttable = options.cuts.some((cut) => cut.name === name);
    const { ffmpegBin } = stack.config;
    speakers.push(await bringSpeaker({ house, room, ticket, wav: files[index]!, ffmpegBin, cuttable }));
  }
  return speakers;
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

type Recorded = { recording: RecordingView; replay: Replay; stopToReadyMs: number };

/** Gives the host's orders; `began` hears the recording's id as soon as there is one. */
const giveOrders = async (
  { stack, house, options }: Means,
  { room, t0 }: { room: string; t0: number },
  began: (recordingId: string) => void,
): Promise<Recorded> => {
  const replayFile = (id: string): string => join(stack.config.dataDir, 'replays', `${id}.mp3`);
  let last: Awaited<ReturnType<typeof stopAndReplay>> | undefined;
  const give = async ({ order, at: second }: Step): Promise<void> => {
    const begins = order === 'start' || order === 'resume';
    await at(t0 + second * 1000 - (begins ? START_LEAD_MS : 0));
    if (order === 'start') began((await house.startRecording(room)).id);
    if (order === 'resume') await house.resumeRecording(room);
    if (order === 'pause') await house.pauseRecording(room);
    if (order === 'stop') last = await stopAndReplay(house, room, replayFile);
  };
  for (const step of stepsOf(options)) await give(step);
  const stoppedAt = t0 + options.records.at(-1)!.to * 1000;
  const recording = await readyRecording(house, last!.recording.id);
  return { recording, replay: last!.replay, stopToReadyMs: Date.now() - stoppedAt };
};

/** Marks, kills and cuts, each at its second. */
const disturb = async (
  { stack, house, options, say }: Means,
  { room, t0 }: { room: string; t0: number },
  speakers: Speaker[],
  recordingId: () => string | undefined,
): Promise<void> => {
  const marks = options.marks.map(async ({ at: second, label }) => {
    await at(t0 + second * 1000);
    await house.mark(room, label);
  });
  const kills = options.kills.map(async ({ victim, at: second }) => {
    await at(t0 + second * 1000);
    say(`kill -9 of ${victim}, process ${await killPart(stack, victim, recordingId())}, at second ${second}.`);
  });
  const cuts = options.cuts.map(async ({ name, from, to }) => {
    const cutter = speakers[options.speakers.findIndex((speaker) => speaker.name === name)]!.cutter!;
    await at(t0 + from * 1000);
    await cutter.cut();
    say(`${name} is cut off (${cutter.how}) at second ${from}.`);
    await at(t0 + to * 1000);
    await cutter.heal();
  });
  await Promise.all([...marks, ...kills, ...cuts]);
};

/** Holds the evening and returns when the master is ready and everybody has left. */
export const holdEvening = async (means: Means): Promise<Evening> => {
  const { house, options, say } = means;
  const { slug: room, url } = await house.createRoom('An evening under the arches', 'Two voices try out the room');
  await house.startLiveSession(room);
  say(`The room is live: ${url}`);
  const folder = mkdtempSync(join(tmpdir(), 'loggia-demo-'));
  const speakers = await bringSpeakers(means, room, soundFiles(options, folder));
  const listeners: Bot[] = [];
  for (let count = 0; count < options.listeners; count++) {
    const { mediaUrl, mediaToken: token } = await house.listenerTicket(room);
    listeners.push(await startBot({ mediaUrl, token }));
  }
  say(`On stage: ${options.speakers.map(({ name }) => name).join(', ')}. Listening: ${listeners.length}.`);

  const t0 = Date.now() + BREATH_MS;
  let recordingId: string | undefined;
  const talks = Promise.all(speakers.map((speaker) => speaker.talk(t0)));
  const disturbed = disturb(means, { room, t0 }, speakers, () => recordingId);
  const orders = giveOrders(means, { room, t0 }, (id) => (recordingId = id));
  const [recorded] = await Promise.all([orders, disturbed, talks]);
  rmSync(folder, { recursive: true });
  say('Recorded and rendered.');
  const heard = await Promise.all(listeners.map((listener) => listener.leave()));
  await Promise.all(speakers.map((speaker) => speaker.leave()));
  await house.endLiveSession(room);
  return { room, recordingId: recorded.recording.id, ...recorded, t0, heard };
};
