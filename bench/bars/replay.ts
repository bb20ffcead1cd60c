/**
 * Bar 12: from the sending of a stop to a replay that plays from its beginning and from its end. Short takes and one of
 * `--minutes`; the floor is writing as many bytes to the disk, with a flush, and reading them back.
 */
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopAndReplay } from '../../scripts/demo/replay.ts';
import { ADA, speak } from '../../test/support/voices.ts';
import { until } from '../../test/support/wait.ts';
import type { WholeHouse } from '../../test/support/whole-house.ts';
import { startWholeHouse } from '../../test/support/whole-house.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';
import { atMost, quantile } from './bar.ts';

const SHORT_SECONDS = 5;

const floorMs = async (bytes: number): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'loggia-floor-'));
  const file = join(folder, 'raw');
  const startedAt = performance.now();
  const handle = await open(file, 'w');
  await handle.write(Buffer.alloc(bytes, 1));
  await handle.sync();
  await handle.close();
  await readFile(file);
  const elapsed = performance.now() - startedAt;
  await rm(folder, { recursive: true });
  return elapsed;
};

type Stopped = { ms: number; bytes: number };

const recordFor = async (whole: WholeHouse, room: string, seconds: number): Promise<Stopped> => {
  await whole.house.startRecording(room);
  const end = Date.now() + seconds * 1000;
  await until(() => Date.now() >= end, { timeoutMs: (seconds + 30) * 1000, everyMs: 100 });
  const file = (id: string) => join(whole.recordingsDir, `${id}-served.mp3`);
  const { replay } = await stopAndReplay(whole.house, room, file);
  const { size } = await stat(replay.file);
  await rm(replay.file);
  return { ms: replay.stopToReplayMs, bytes: size };
};

/** In a new room each: takes of one evening would make the file longer each time. */
const inRoom = async (whole: WholeHouse, name: string, seconds: number, ffmpegBin: string): Promise<Stopped> => {
  const { room, speaker } = await whole.evening(name);
  const wav = await whole.wav(`${name}.wav`, speak(ADA, Math.min(seconds + 10, 600)));
  const evening = new AbortController();
  const talk = async (): Promise<void> => {
    while (!evening.signal.aborted) await speaker.talk(wav, Date.now() + 200, ffmpegBin);
  };
  void talk().catch(() => {});
  const stopped = await recordFor(whole, room, seconds);
  evening.abort();
  await speaker.leave();
  await whole.house.endLiveSession(room);
  return stopped;
};

const measure = async ({ quick, minutes, ffmpegBin }: BenchOptions): Promise<Reading[]> => {
  const whole = await startWholeHouse();
  try {
    const short: Stopped[] = [];
    for (let round = 0; round < (quick ? 3 : 12); round++) {
      short.push(await inRoom(whole, `short-${round}`, SHORT_SECONDS, ffmpegBin));
    }
    const long = await inRoom(whole, 'long', minutes * 60, ffmpegBin);
    const times = short.map(({ ms }) => ms);
    const bare = await floorMs(long.bytes);
    return [
      atMost(
        12,
        `stop → replay, median of ${short.length} takes of ${SHORT_SECONDS} s`,
        quantile(times, 0.5),
        500,
        'ms',
        0,
      ),
      atMost(12, 'stop → replay, the slowest of them', Math.max(...times), 2000, 'ms', 0),
      {
        ...atMost(12, `stop → replay after ${minutes} min`, long.ms, 2000, 'ms', 0),
        ...{
          floor: `${(long.bytes / 1e6).toFixed(1)} MB written and read: ${bare.toFixed(0)} ms`,
          ratio: long.ms / bare,
        },
      },
    ];
  } finally {
    await whole.stop();
  }
};

export const replayBar: Bar = { bars: [12], measure };
