/*
 * An MP3 of the right length. LAME begins 1105 samples late and fills its last frames up, and of what a player shows as
 * the length many take the frames as they are: up to 48 ms too much. Here the sound is encoded behind 576 samples of
 * silence; then the first frame, in which nothing is heard, is left out together with any last one that holds nothing,
 * and an `Info` frame before them says what remains and how many samples at both ends are none of the sound's. Players
 * that read it give back the sound to the sample; the others show at most 35 ms too much.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Problem } from '../../problems.ts';
import { FRAME_BYTES, FRAME_SAMPLES } from '../replay/frames.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';

/** Silence that the encoder is given before the sound. */
export const LEAD_SAMPLES = 576;
/** What LAME and the decoder's filter bank together begin late, and the decoder's share of it. */
const CODEC_DELAY = 1105;
const DECODER_DELAY = 529;
/** MPEG 1 Layer III without CRC, 96 kb/s, 48 kHz, no padding: the head of every frame of ours. */
const HEADER = 0xff_fb_74_00;
const HEADER_MASK = 0xff_ff_fe_00;

/** How many frames the sound needs behind the first, and how many samples after it are not the sound's. */
const layout = (lengthSamples: number): { frames: number; padding: number } => {
  const skipped = CODEC_DELAY + LEAD_SAMPLES - FRAME_SAMPLES;
  const frames = Math.ceil((skipped + lengthSamples) / FRAME_SAMPLES);
  return { frames, padding: frames * FRAME_SAMPLES - lengthSamples - (skipped - DECODER_DELAY) };
};

/** CRC-16/ARC, as the `Info` frame wants it. */
const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});
export const crc16 = (bytes: Uint8Array, before = 0): number => {
  let crc = before;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return crc;
};

/** Flags of the `Info` frame: frames, bytes, table of contents. */
const INFO_FLAGS = 7;
const SIDE_INFO_BYTES = 17;

/** The frame that tells about the others, after the LAME tag specification (rev1); silence to who does not know it. */
const infoFrame = (header: number, facts: { frames: number; padding: number; musicCrc: number }): Buffer => {
  const frame = Buffer.alloc(FRAME_BYTES);
  const bytes = (facts.frames + 1) * FRAME_BYTES;
  frame.writeUInt32BE(header, 0);
  let at = frame.write('Info', 4 + SIDE_INFO_BYTES, 'latin1') + 4 + SIDE_INFO_BYTES;
  for (const value of [INFO_FLAGS, facts.frames, bytes]) at = frame.writeUInt32BE(value, at);
  for (let percent = 0; percent < 100; percent++) frame[at++] = Math.floor((percent * 256) / 100);
  const tag = at;
  frame.write('LAME3.100', tag, 'latin1');
  frame[tag + 9] = 1; // revision 0, constant bit rate
  frame[tag + 20] = 96;
  frame.writeUIntBE(facts.padding, tag + 21, 3); // the delay in its upper 12 bits is none: it was left out
  frame.writeUInt32BE(bytes, tag + 28);
  frame.writeUInt16BE(facts.musicCrc, tag + 32);
  frame.writeUInt16BE(crc16(frame.subarray(0, tag + 34)), tag + 34);
  return frame;
};

/** Bytes of the ID3v2 tag at the head (id3v2.3.0 §3.1). */
const tagBytes = (head: Buffer): number =>
  head.toString('latin1', 0, 3) === 'ID3'
    ? 10 + head.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0)
    : 0;

/**
 * Writes `output` from the bare frames of `encoded`: 96 kb/s mono, encoded without reservoir and without an `Info` frame
 * from LEAD_SAMPLES of silence and `lengthSamples` of sound. Throws `ffmpeg-failed` when it holds anything else.
 */
export const fitMp3 = async (encoded: string, output: string, lengthSamples: number): Promise<void> => {
  const [from, to] = [await open(encoded, 'r'), await open(output, 'w')];
  try {
    const head = Buffer.alloc(10);
    await from.read(head, 0, head.length, 0);
    const tag = Buffer.alloc(tagBytes(head));
    await from.read(tag, 0, tag.length, 0);
    await from.read(head, 0, 4, tag.length);
    const header = head.readUInt32BE(0);
    const { frames, padding } = layout(lengthSamples);
    const start = tag.length + FRAME_BYTES;
    const end = start + frames * FRAME_BYTES;
    const isOurs = (header & HEADER_MASK) >>> 0 === HEADER && (await stat(encoded)).size >= end;
    if (!isOurs) throw new Problem('ffmpeg-failed', { detail: 'The MP3 is not what was asked for.' });
    await to.write(tag, 0, tag.length, 0);
    let [at, musicCrc] = [start, 0];
    for await (const chunk of createReadStream(encoded, { start, end: end - 1 })) {
      musicCrc = crc16(chunk as Buffer, musicCrc);
      at += (await to.write(chunk as Buffer, 0, (chunk as Buffer).length, at)).bytesWritten;
    }
    await to.write(infoFrame(header, { frames, padding, musicCrc }), 0, FRAME_BYTES, tag.length);
  } finally {
    await from.close();
    await to.close();
  }
};

/** The length that players show who count frames: of the frames after the `Info` frame, in milliseconds. */
export const shownLengthMs = (lengthSamples: number): number =>
  (layout(lengthSamples).frames * FRAME_SAMPLES * 1000) / SAMPLE_RATE;
