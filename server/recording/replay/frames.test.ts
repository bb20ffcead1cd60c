import { describe, expect, it } from 'vitest';
import { FRAME_BYTES, frameToMs, framesOf, msToFrame, silentFrames, wholeFrames } from './frames.ts';

describe('frames of a replay', () => {
  it('last 24 ms each', () => {
    expect([0, 23.9, 24, 47.9, 48].map(msToFrame)).toEqual([0, 0, 1, 1, 2]);
    expect(msToFrame(-5)).toBe(0);
    expect([0, 1, 150_000].map(frameToMs)).toEqual([0, 24, 3_600_000]);
  });

  it('hold every sample, the last one in part', () => {
    expect([0, 1, 1_152, 1_153, 172_800_000].map(framesOf)).toEqual([0, 1, 1, 2, 150_000]);
  });

  it('count only whole ones of a file that was cut off', () => {
    expect([0, 287, 288, 43_200_001].map(wholeFrames)).toEqual([0, 0, 1, 150_000]);
  });

  it('of silence each begin with a header of their own', () => {
    const silence = silentFrames(3);
    expect(silence).toHaveLength(3 * FRAME_BYTES);
    expect(silence.readUInt32BE(2 * FRAME_BYTES)).toBe(0xfffb74c4);
  });
});
