/**
 * The arithmetic of a replay: MP3 at a constant 96 kb/s and 48 kHz without padding and without a bit reservoir, so every
 * frame is 288 bytes, lasts 24 ms and stands for itself (ISO/IEC 11172-3: 144 × 96,000 / 48,000). Where a sound lies in
 * the file follows from when it was said, files are joined by appending, and a piece is a slice.
 */
import { msOfSamples, samplesOfMs } from '../capture/clock.ts';

export const FRAME_BYTES = 288;
export const FRAME_SAMPLES = 1152;

/** The frame in which a moment lies; moments before the beginning lie in the first. */
export const msToFrame = (ms: number): number => Math.max(0, Math.floor(samplesOfMs(ms) / FRAME_SAMPLES));
export const frameToMs = (frame: number): number => msOfSamples(frame * FRAME_SAMPLES);
/** How many frames hold this many samples. */
export const framesOf = (samples: number): number => Math.ceil(samples / FRAME_SAMPLES);
export const wholeFrames = (bytes: number): number => Math.floor(bytes / FRAME_BYTES);

/**
 * Frames of silence: MPEG-1 layer III, 96 kb/s, 48 kHz, mono, no checksum; side information of zeros says that nothing
 * was coded.
 */
export const silentFrames = (count: number): Buffer => {
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.set([0xff, 0xfb, 0x74, 0xc4]);
  return Buffer.alloc(count * FRAME_BYTES, frame);
};
