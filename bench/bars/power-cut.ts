/**
 * Bar 9: the power goes. Files of a capture are cut at any byte, and get a hole of 4 KiB of zeros. What is left is read
 * as the product reads it: the timeline by its own measure of torn files, the sound by the render's own decode.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mendFlacHeader } from '../../server/recording/capture/flac-mend.ts';
import { BLOCK_SAMPLES, flacEncoder, flacHeader } from '../../server/recording/capture/flac.ts';
import { JOURNAL_FILE, readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import { probeArgs } from '../../server/recording/render/encode.ts';
import { writeCapturedFolder } from '../../test/support/captured-folder.ts';
import { chirp, findIn } from '../../test/support/chirp.ts';
import { SAMPLE_RATE } from '../../test/support/sound.ts';
import { ADA, speak } from '../../test/support/voices.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';
import { atMost, randomFrom } from './bar.ts';

const SECONDS = 60;
const HOLE_BYTES = 4096;
const RISE = chirp(2000, 6000, -3);

/** Speech with a chirp in every second, which tells where each second lies afterwards. */
const marked = (): Int16Array => {
  const pcm = speak(ADA, SECONDS, -30);
  for (let at = 0; at < SECONDS; at++) pcm.set(RISE, at * SAMPLE_RATE);
  return pcm;
};

/** How many samples are whole in the first `bytes` of the file: what had reached the disk. */
const wholeSamplesAt = (pcm: Int16Array): ((bytes: number) => number) => {
  const encoder = flacEncoder();
  const ends: number[] = [];
  let size = flacHeader().length;
  for (let at = 0; at < pcm.length; at += BLOCK_SAMPLES) {
    size += encoder.encode(pcm.subarray(at, at + BLOCK_SAMPLES)).length;
    ends.push(size);
  }
  return (bytes) => Math.min(pcm.length, ends.filter((end) => end <= bytes).length * BLOCK_SAMPLES);
};

const decode = async (ffmpegBin: string, file: string): Promise<Int16Array> => {
  await mendFlacHeader(file);
  const command = ['-nostdin', '-v', 'quiet', ...probeArgs(file)];
  const { stdout: output } = spawnSync(ffmpegBin, command, { maxBuffer: 2 ** 30 });
  return new Int16Array(output.buffer.slice(output.byteOffset, output.byteOffset + (output.length & ~1)));
};

type Damage = { lost: number; moved: number; unreadable: number };

/** Chirps that are gone, and how far the others moved. */
const judge = (pcm: Int16Array, upTo: number, damage: Damage): void => {
  if (pcm.length === 0 && upTo > 0) damage.unreadable += 1;
  let gone = 0;
  for (let second = 0; (second + 1) * SAMPLE_RATE <= upTo; second++) {
    const at = second * SAMPLE_RATE;
    const peak = Math.max(...pcm.subarray(at, at + RISE.length).map(Math.abs));
    if (peak < 15_000) gone += 1;
    else damage.moved = Math.max(damage.moved, Math.abs(findIn(pcm, RISE, at, 400) - at));
  }
  damage.lost = Math.max(damage.lost, gone);
};

const measure = async ({ rounds, ffmpegBin }: BenchOptions): Promise<Reading[]> => {
  const random = randomFrom(9);
  const folder = await mkdtemp(join(tmpdir(), 'loggia-bench-'));
  const pcm = marked();
  await writeCapturedFolder(folder, [{ tracks: [{ speaker: 'Ada', pcm }], stopped: false }]);
  const [track] = (await readTimeline(folder)).takes[0]!.tracks;
  const file = join(folder, track!.file);
  const [whole, journal] = [await readFile(file), await readFile(join(folder, JOURNAL_FILE))];
  const reached = wholeSamplesAt(pcm);
  const cuts: Damage & { lostSamples: number } = { lost: 0, moved: 0, unreadable: 0, lostSamples: 0 };
  const holes: Damage = { lost: 0, moved: 0, unreadable: 0 };
  for (let round = 0; round < rounds; round++) {
    const length = 4096 + Math.floor(random() * (whole.length - 4096));
    await writeFile(file, whole.subarray(0, length));
    // The journal is torn as well: a last line without its end counts for nothing
    await writeFile(join(folder, JOURNAL_FILE), journal);
    await truncate(join(folder, JOURNAL_FILE), journal.length - Math.floor(random() * 20));
    const measured = (await readTimeline(folder)).takes[0]!.tracks[0]!.lengthSamples;
    const heard = await decode(ffmpegBin, file);
    cuts.lostSamples = Math.max(cuts.lostSamples, reached(length) - Math.min(measured, heard.length));
    judge(heard, Math.min(measured, reached(length)), cuts);

    await writeFile(file, whole);
    const damaged = await open(file, 'r+');
    // A disk loses whole pages; the first round takes the page of the header
    const page = round === 0 ? 0 : Math.floor((random() * whole.length) / HOLE_BYTES);
    const lostBytes = Math.min(HOLE_BYTES, whole.length - page * HOLE_BYTES);
    await damaged.write(Buffer.alloc(lostBytes), 0, lostBytes, page * HOLE_BYTES);
    await damaged.close();
    judge(await decode(ffmpegBin, file), pcm.length - SAMPLE_RATE, holes);
  }
  await rm(folder, { recursive: true, force: true });
  const moved = Math.max(cuts.moved, holes.moved) / (SAMPLE_RATE / 1000);
  return [
    atMost(
      9,
      `unreadable of ${rounds} cut and ${rounds} holed files`,
      cuts.unreadable + holes.unreadable,
      0,
      'files',
      0,
    ),
    atMost(9, 'cut at any byte: lost of what was on the disk', cuts.lostSamples / SAMPLE_RATE, 2, 's', 3),
    atMost(9, 'hole of 4 KiB: seconds with a loss', holes.lost, 2, 's', 0),
    atMost(9, 'the rest out of place', moved, 20, 'ms', 2),
  ];
};

export const powerCutBar: Bar = { bars: [9], measure };
