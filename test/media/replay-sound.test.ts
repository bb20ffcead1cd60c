import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from '../../server/recording/capture/journal.ts';
import { JOURNAL_FILE } from '../../server/recording/capture/measure-tracks.ts';
import { withdrawWithoutCapture } from '../../server/recording/capture/withdraw.ts';
import { buildReplay } from '../../server/recording/replay/build-replay.ts';
import { FRAME_BYTES, FRAME_SAMPLES, framesOf, silentFrames } from '../../server/recording/replay/frames.ts';
import type { LiveReplay } from '../../server/recording/replay/live-replay.ts';
import { liveReplay } from '../../server/recording/replay/live-replay.ts';
import { readReplay, replayPath, replayReachedMs, sliceReplay } from '../../server/recording/replay/replay-file.ts';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
import { loudnessOf } from '../support/loudness.ts';
import { makeRecording } from '../support/raw-tracks.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, decodeSound, levelDbfs, onsetsOf, toneDbfs } from '../support/sound.ts';
import { ADA, beeps, speak, tone } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const ADA_HZ = 1000;
const BO_HZ = 1700;

let dir: string;
let warnings: string[];
let open: LiveReplay[];
const live = (options: { startSample?: number; resumed?: boolean; ffmpegBin?: string } = {}): LiveReplay => {
  const { startSample = 0, resumed = false, ffmpegBin = services().ffmpegBin } = options;
  const warn = (_message: string, error: Error): void => void warnings.push(error.message);
  const replay = liveReplay({ dir, takeId: 'take', ffmpegBin, warn }, startSample, resumed);
  open.push(replay);
  return replay;
};
const reached = (sample: number): Promise<unknown> =>
  until(async () => (await replayReachedMs(dir, 'take')) >= sample / 48, { everyMs: 2, what: 'the encoder follows' });
/** Tells the voices as a capture does, 100 ms after the other, from `fromSample` of the take on. */
const say = (replay: LiveReplay, voices: Int16Array[], fromSample: number): void => {
  const length = Math.max(...voices.map((voice) => voice.length));
  for (let at = 0; at < length; at += 4_800) {
    for (const voice of voices) replay.add(fromSample + at, voice.subarray(at, at + 4_800));
    replay.advance(fromSample + at + 4_800, false);
  }
};
/** The same, as fast as the encoder follows. */
const tell = async (replay: LiveReplay, voices: Int16Array[], fromSample = 0): Promise<void> => {
  const [length, piece] = [Math.max(...voices.map((voice) => voice.length)), 4 * SAMPLE_RATE];
  for (let at = 0; at < length; at += piece) {
    const pieces = voices.map((voice) => voice.subarray(at, at + piece));
    say(replay, pieces, fromSample + at);
    await reached(fromSample + Math.min(length, at + piece) - 2 * SAMPLE_RATE);
  }
};
const decoded = (): Promise<Int16Array> => decodeSound(replayPath(dir, 'take'), services().ffmpegBin);

/** The lines that a capture would have written of this take. */
const writeJournal = async ({ takeId, ordinal, tracks, lengthSamples }: TimelineTake): Promise<void> => {
  const { append, close } = await openJournal(join(dir, JOURNAL_FILE));
  const anchor = { bootId: 'boot', monotonicMs: 0, wallMs: 0 };
  await append({ type: 'takeStarted', atMs: 0, takeId, ordinal, anchor });
  for (const track of tracks) {
    await append({ type: 'trackOpened', atMs: 0, takeId, ...track });
    await append({ type: 'trackClosed', atMs: 0, takeId, file: track.file, lengthSamples: track.lengthSamples });
  }
  await append({ type: 'takeStopped', atMs: 0, takeId, samples: lengthSamples, reason: 'stopped' });
  await close();
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'loggia-replay-'));
  warnings = [];
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((replay) => replay.abandon()));
  await rm(dir, { recursive: true, force: true });
});

describe('the replay of a take, while it is recorded', () => {
  it('has every voice where it was, to 5 ms, and exactly the frames of its length', async () => {
    const replay = live();
    const voices = [beeps(ADA_HZ, 10), beeps(BO_HZ, 10, 0.7)];
    await tell(replay, voices, SAMPLE_RATE);
    await replay.finish(11 * SAMPLE_RATE + 1);
    const pcm = await decoded();
    expect(pcm).toHaveLength(framesOf(11 * SAMPLE_RATE + 1) * FRAME_SAMPLES);
    expect(await readReplay(dir, 'take')).toMatchObject({ lengthSamples: 11 * SAMPLE_RATE + 1 });
    for (const [index, hz] of [ADA_HZ, BO_HZ].entries()) {
      const were = onsetsOf(voices[index]!, hz).map((seconds) => seconds + 1);
      const are = onsetsOf(pcm, hz);
      expect(are).toHaveLength(were.length);
      are.forEach((seconds, i) => expect(Math.abs(seconds - were[i]!)).toBeLessThanOrEqual(0.005));
    }
    expect(warnings).toEqual([]);
  });

  it.each([10, 300])('is complete within half a second of the end of %d seconds', async (seconds) => {
    const replay = live();
    const voice = speak(ADA, 10);
    for (let told = 0; told < seconds; told += 10) {
      await tell(replay, [voice], told * SAMPLE_RATE);
    }
    const endedAt = performance.now();
    await replay.finish(seconds * SAMPLE_RATE);
    expect(performance.now() - endedAt).toBeLessThan(500);
    expect(await readReplay(dir, 'take')).toMatchObject({ lengthSamples: seconds * SAMPLE_RATE });
  });

  it('is made of frames of 288 bytes that each stand for themselves', async () => {
    const replay = live();
    await tell(replay, [speak(ADA, 6)]);
    await replay.finish(6 * SAMPLE_RATE);
    const bytes = await readFile(replayPath(dir, 'take'));
    const frames = Array.from({ length: bytes.length / FRAME_BYTES }, (_, i) => bytes.subarray(i * FRAME_BYTES));
    expect(frames).toHaveLength(250);
    // The first nine bits of the side information: how far back in earlier frames this one begins
    const standing = frames.filter((frame) => frame.readUInt32BE(0) === 0xfffb74c4 && frame.readUInt16BE(4) >> 7 === 0);
    expect(standing).toHaveLength(250);
  });

  it('can be cut at any frame and joined by appending: lengths add up, silence is silent', async () => {
    const replay = live();
    await tell(replay, [tone(ADA_HZ, 5, -12)]);
    await replay.finish(5 * SAMPLE_RATE);
    const piece = (await sliceReplay(replayPath(dir, 'take'), 1_000, 3_010))!;
    expect(piece.length).toBe(Math.ceil(3_010 / 24) * FRAME_BYTES - Math.floor(1_000 / 24) * FRAME_BYTES);
    const joined = join(dir, 'joined.mp3');
    await copyFile(replayPath(dir, 'take'), joined);
    await appendFile(joined, silentFrames(100));
    await appendFile(joined, piece);
    const pcm = await decodeSound(joined, services().ffmpegBin);
    const whole = framesOf(5 * SAMPLE_RATE) * FRAME_SAMPLES;
    expect(pcm).toHaveLength(whole + 100 * FRAME_SAMPLES + (piece.length / FRAME_BYTES) * FRAME_SAMPLES);
    // A frame's sound rings on into the next
    expect(levelDbfs(pcm.subarray(whole + 2 * FRAME_SAMPLES, whole + 99 * FRAME_SAMPLES))).toBe(-Infinity);
    expect(toneDbfs(pcm.subarray(whole + 102 * FRAME_SAMPLES, -FRAME_SAMPLES), ADA_HZ)).toBeGreaterThan(-13);
  });

  it('grows as it is spoken; a stretch that has not come yet is not to be had', async () => {
    const replay = live();
    await tell(replay, [tone(ADA_HZ, 20, -12)]);
    const path = replayPath(dir, 'take');
    expect(await sliceReplay(path, 10_000, 18_000)).toBeDefined();
    expect(await sliceReplay(path, 10_000, 19_300)).toBeUndefined();
    expect(await readReplay(dir, 'take')).toBeUndefined();
    await replay.finish(20 * SAMPLE_RATE);
    expect(await sliceReplay(path, 10_000, 20_000)).toBeDefined();
  });

  it('holds who speaks at once without distortion, and knows its loudness', async () => {
    const replay = live();
    await tell(replay, [tone(ADA_HZ, 6, -3), tone(BO_HZ, 6, -3)]);
    await replay.finish(6 * SAMPLE_RATE);
    const path = replayPath(dir, 'take');
    const { lufs, dbtp } = await loudnessOf(services().ffmpegBin, path);
    expect(dbtp).toBeLessThan(0);
    expect(Math.abs(lufs + (await readReplay(dir, 'take'))!.gainDb! + 16)).toBeLessThan(0.5);
  });

  it('of an empty room is silence of the same length, with no gain', async () => {
    const replay = live();
    replay.advance(3 * SAMPLE_RATE, true);
    await replay.finish(4 * SAMPLE_RATE);
    const pcm = await decoded();
    expect(pcm).toHaveLength(framesOf(4 * SAMPLE_RATE) * FRAME_SAMPLES);
    expect(levelDbfs(pcm)).toBe(-Infinity);
    expect(await readReplay(dir, 'take')).toMatchObject({ gainDb: null });
  });

  it('goes on in sync in another process: torn frames cut, the absence silence', async () => {
    const voice = beeps(ADA_HZ, 12);
    const before = live();
    await tell(before, [voice.subarray(0, 5 * SAMPLE_RATE)]);
    await before.abandon();
    await appendFile(replayPath(dir, 'take'), Buffer.alloc(100, 0xff));

    const after = live({ startSample: 7 * SAMPLE_RATE, resumed: true });
    await tell(after, [voice.subarray(7 * SAMPLE_RATE)], 7 * SAMPLE_RATE);
    await after.finish(12 * SAMPLE_RATE);
    const pcm = await decoded();
    expect(pcm).toHaveLength(framesOf(12 * SAMPLE_RATE) * FRAME_SAMPLES);
    expect(levelDbfs(pcm.subarray(5 * SAMPLE_RATE, 6.9 * SAMPLE_RATE))).toBe(-Infinity);
    // The first 28 ms of an encoder's life are lost in its delay
    const surely = (seconds: number): boolean => (seconds > 0.05 && seconds < 3) || seconds > 7.05;
    const were = onsetsOf(voice, ADA_HZ).filter(surely);
    const are = onsetsOf(pcm, ADA_HZ).filter(surely);
    expect(are).toHaveLength(were.length);
    are.forEach((seconds, i) => expect(Math.abs(seconds - were[i]!)).toBeLessThanOrEqual(0.005));
    expect(warnings).toEqual([]);
  });
});

describe('an encoder that fails', () => {
  const script = async (text: string): Promise<string> => {
    const path = join(dir, 'ffmpeg.sh');
    await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o700 });
    return path;
  };
  const gone = (): Promise<unknown> => until(async () => (await replayReachedMs(dir, 'take')) === 0 && warnings.length);

  it('takes its replay with it when it dies, and nothing else', async () => {
    const replay = live({ ffmpegBin: await script('head -c 100000 >/dev/null; exit 3') });
    say(replay, [tone(ADA_HZ, 5)], 0);
    await gone();
    expect(warnings.join()).toContain('ended with 3');
    await replay.finish(5 * SAMPLE_RATE);
    expect(await readReplay(dir, 'take')).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  it('or cannot be started', async () => {
    live({ ffmpegBin: join(dir, 'none') });
    await gone();
    expect(warnings.join()).toContain('could not be started');
  });

  it('is given up when it reads no more: 4 MiB wait at the most', async () => {
    const replay = live({ ffmpegBin: await script('exec sleep 60') });
    let pieces = 0;
    await until(() => {
      say(replay, [tone(ADA_HZ, 5)], 5 * SAMPLE_RATE * pieces++);
      return warnings.length;
    });
    await gone();
    expect(pieces * 5).toBeLessThan(40);
    expect(warnings.join()).toContain('wait for the encoder');
  });
});

describe('a replay built from the tracks', () => {
  it('is the live one again: same length, same places, published voices alone', async () => {
    const voices = [beeps(ADA_HZ, 8), beeps(BO_HZ, 5, 0.7), tone(2500, 8)];
    const recording = await makeRecording(services().ffmpegBin, [
      {
        tracks: [
          { speaker: 'Ada', pcm: voices[0]! },
          { speaker: 'Bo', pcm: voices[1]!, offsetSamples: 3 * SAMPLE_RATE - 11 },
          { speaker: 'Cy', pcm: voices[2]!, published: false },
        ],
        lengthSamples: 8 * SAMPLE_RATE + 5_000,
      },
    ]);
    await rm(dir, { recursive: true });
    dir = recording.dir;
    const take = { ...recording.timeline.takes[0]!, takeId: 'take' };
    await buildReplay(take, { dir, ffmpegBin: services().ffmpegBin });
    const pcm = await decoded();
    expect(pcm).toHaveLength(framesOf(take.lengthSamples) * FRAME_SAMPLES);
    const bo = onsetsOf(voices[1]!, BO_HZ).map((seconds) => seconds + 3 - 11 / SAMPLE_RATE);
    const heard = onsetsOf(pcm, BO_HZ);
    expect(heard).toHaveLength(bo.length);
    heard.forEach((seconds, i) => expect(Math.abs(seconds - bo[i]!)).toBeLessThanOrEqual(0.005));
    expect(onsetsOf(pcm, ADA_HZ)).toHaveLength(onsetsOf(voices[0]!, ADA_HZ).length);
    expect(toneDbfs(pcm, 2500)).toBeLessThan(-60);
    expect(await readReplay(dir, 'take')).toMatchObject({ lengthSamples: take.lengthSamples });
  });

  it('holds nobody who took their voice back while it was built', async () => {
    const voices = [tone(ADA_HZ, 5), tone(BO_HZ, 5)];
    const tracks = voices.map((pcm, index) => ({ speaker: ['Ada', 'Bo'][index]!, pcm }));
    const recording = await makeRecording(services().ffmpegBin, [{ tracks }]);
    await rm(dir, { recursive: true });
    dir = recording.dir;
    const take = recording.timeline.takes[0]!;
    await writeJournal(take);
    const built = buildReplay(take, { dir, ffmpegBin: services().ffmpegBin });
    await withdrawWithoutCapture(dir, { seatId: 'Bo', erase: false, atMs: 0 });
    await built;
    expect(await readReplay(dir, take.takeId)).toBeDefined();
    const pcm = await decodeSound(replayPath(dir, take.takeId), services().ffmpegBin);
    expect(toneDbfs(pcm, ADA_HZ)).toBeGreaterThan(-20);
    expect(toneDbfs(pcm, BO_HZ)).toBeLessThan(-60);
  });

  it('of a take in which nobody may be published is silence', async () => {
    const recording = await makeRecording(services().ffmpegBin, [
      { tracks: [{ speaker: 'Cy', pcm: tone(2500, 2), published: false }] },
    ]);
    await rm(dir, { recursive: true });
    dir = recording.dir;
    await buildReplay({ ...recording.timeline.takes[0]!, takeId: 'take' }, { dir, ffmpegBin: services().ffmpegBin });
    expect(levelDbfs(await decoded())).toBe(-Infinity);
  });
});
