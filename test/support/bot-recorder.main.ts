/**
 * The barest recorder that rtc-node allows, for benches to compare with: every microphone's frames as they come, one
 * after another, into an ffmpeg that writes FLAC. No clock, no journal, no gaps, no fsync. Told on stdin where to join;
 * the end of stdin ends it. Says on stdout when it hears each microphone for the first time (bare-recorder.ts).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RemoteAudioTrack } from '@livekit/rtc-node';
import { AudioStream, Room, RoomEvent, TrackKind, dispose } from '@livekit/rtc-node';
import { z } from 'zod';
import { SAMPLE_RATE } from './sound.ts';

const OrderSchema = z.object({ url: z.string(), token: z.string(), dir: z.string(), ffmpegBin: z.string() });
type Order = z.infer<typeof OrderSchema>;

const FRAME_MS = 20;

const record = async (identity: string, track: RemoteAudioTrack, { dir, ffmpegBin }: Order): Promise<void> => {
  const file = join(dir, `bare-${identity}.flac`);
  const input = ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', 'pipe:0'];
  const args = ['-hide_banner', '-v', 'error', '-y', ...input, '-flush_packets', '1', '-f', 'flac', file];
  const encoder = spawn(ffmpegBin, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  const stream = new AudioStream(track, { sampleRate: SAMPLE_RATE, numChannels: 1, frameSizeMs: FRAME_MS });
  let first = true;
  for await (const { data } of stream) {
    if (first) {
      const told = { identity, file, firstAtMs: Date.now() - FRAME_MS };
      process.stdout.write(`${JSON.stringify(told)}\n`);
    }
    first = false;
    encoder.stdin.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
  encoder.stdin.end();
  await once(encoder, 'exit');
};

const run = async (order: Order, ended: Promise<unknown>): Promise<void> => {
  const room = new Room();
  const tracks: Promise<void>[] = [];
  room.on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
    if (track.kind === TrackKind.KIND_AUDIO)
      tracks.push(record(participant.identity, track as RemoteAudioTrack, order));
  });
  await room.connect(order.url, order.token, { autoSubscribe: true, dynacast: false });
  await ended;
  await room.disconnect();
  await Promise.all(tracks);
  await dispose();
  process.exit(0);
};

const lines = createInterface({ input: process.stdin });
const ended = once(lines, 'close');
lines.once('line', (line) => void run(OrderSchema.parse(JSON.parse(line)), ended));
