/** The replay as a host's browser meets it after a stop: when it can be played and sought in, and what it is. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import { until } from '../../test/support/wait.ts';
import type { House } from './house.ts';

/** `stopToReplayMs` from the sending of the stop to the arrival of the beginning and the end of the file. */
export type Replay = { url: string; file: string; stopToReplayMs: number };

/** What a player asks for before it plays, and after a jump to the end. */
const BEGINNING = 'bytes=0-65535';
const END = 'bytes=-65536';

/** Stops the recording and waits until its replay plays; keeps what the address served as `file`. */
export const stopAndReplay = async (
  house: House,
  room: string,
  file: (recordingId: string) => string,
): Promise<{ recording: RecordingView; replay: Replay }> => {
  const stoppedAt = performance.now();
  const recording = await house.stopRecording(room);
  const { url } = recording.replay;
  const look = () => Promise.all([BEGINNING, END].map((range) => house.bytesOf(url, { range })));
  await until(look, { timeoutMs: 120_000, everyMs: 10, what: 'the replay can be played' });
  const stopToReplayMs = performance.now() - stoppedAt;
  const path = file(recording.id);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await house.bytesOf(url));
  return { recording, replay: { url, file: path, stopToReplayMs } };
};
