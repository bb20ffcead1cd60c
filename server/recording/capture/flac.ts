/**
 * A FLAC encoder for 48 kHz mono 16 bit (RFC 9639: fixed predictors, Rice codes), in process on purpose. An ffmpeg
 * child per speaker costs 53 MiB each and keeps sound in its own buffers and in a pipe; here a finished block of
 * 85 ms is one write, so that a killed capture leaves whole frames and loses at most one block per speaker.
 */
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { crc16, crc8 } from './flac-crc.ts';

/** Samples per frame; only the last frame of a file may be shorter. */
export const BLOCK_SAMPLES = 4096;

const MAX_ORDER = 4;
const MAX_RICE = 14;
const PARTITION_ORDER = 4;
/** Subframe types, shifted left over the wasted-bits flag. */
const CONSTANT = 0b0_000000_0;
const VERBATIM = 0b0_000001_0;
const FIXED = 0b0_001000_0;
/** A block of 16-bit samples as it is, with headers and room for the longest frame number. */
const MAX_FRAME_BYTES = BLOCK_SAMPLES * 2 + 32;

/**
 * `fLaC` and the STREAMINFO block: 42 bytes. While the file grows its length is 0, which means unknown, and so is the
 * MD5 of the samples; both are written in at the close.
 */
export const flacHeader = (totalSamples = 0, md5: Uint8Array = new Uint8Array(16)): Buffer => {
  const header = Buffer.alloc(42);
  header.write('fLaC', 0, 'latin1');
  header.writeUInt32BE(0x80000000 + 34, 4);
  header.writeUInt16BE(BLOCK_SAMPLES, 8);
  header.writeUInt16BE(BLOCK_SAMPLES, 10);
  // 20 bits sample rate, 3 bits channels - 1, 5 bits bits per sample - 1, 36 bits samples.
  header.writeUInt32BE(((SAMPLE_RATE << 12) | (15 << 4) | Math.floor(totalSamples / 2 ** 32)) >>> 0, 18);
  header.writeUInt32BE(totalSamples % 2 ** 32, 22);
  header.set(md5, 26);
  return header;
};

const bitWriter = (bytes: Uint8Array) => {
  let at = 0;
  let held = 0;
  let heldBits = 0;
  const bits = (value: number, count: number): void => {
    for (let left = count; left > 0;) {
      const take = Math.min(8 - heldBits, left);
      held = (held << take) | ((value >>> (left - take)) & ((1 << take) - 1));
      heldBits += take;
      left -= take;
      if (heldBits < 8) continue;
      bytes[at++] = held;
      held = 0;
      heldBits = 0;
    }
  };
  const zeros = (count: number): void => {
    let left = count;
    for (; left > 24; left -= 24) bits(0, 24);
    bits(0, left);
  };
  const align = (): void => (heldBits > 0 ? bits(0, 8 - heldBits) : undefined);
  return { bits, zeros, align, length: () => at };
};
type BitWriter = ReturnType<typeof bitWriter>;

/** The frame number in the extended UTF-8 form of RFC 9639 §9.1.5. */
const writeFrameNumber = (out: BitWriter, number: number): void => {
  if (number < 0x80) return out.bits(number, 8);
  const following = number < 0x800 ? 1 : number < 0x10000 ? 2 : number < 0x200000 ? 3 : number < 0x4000000 ? 4 : 5;
  out.bits(((0xff << (7 - following)) & 0xff) | (number >>> (6 * following)), 8);
  for (let left = following - 1; left >= 0; left--) out.bits(0x80 | ((number >>> (6 * left)) & 0x3f), 8);
};

const writeHeader = (out: BitWriter, bytes: Uint8Array, frameNumber: number, samples: number): void => {
  const full = samples === BLOCK_SAMPLES;
  out.bits(0xfff8, 16);
  out.bits(full ? 0b1100 : 0b0111, 4);
  out.bits(0b1010, 4);
  out.bits(0x08, 8);
  writeFrameNumber(out, frameNumber);
  if (!full) out.bits(samples - 1, 16);
  out.bits(crc8(bytes, 0, out.length()), 8);
};

/** Bits that Rice parameter `k` needs for `count` residuals whose zigzag values add up to `sum` (an upper bound). */
const riceBits = (k: number, count: number, sum: number): number => count * (k + 1) + Math.floor(sum / 2 ** k);

const bestRice = (count: number, sum: number): number => {
  let best = 0;
  while (best < MAX_RICE && riceBits(best + 1, count, sum) < riceBits(best, count, sum)) best++;
  return best;
};

const zigzag = (value: number): number => (value << 1) ^ (value >> 31);

type Residuals = readonly Int32Array[];

/** Fills the differences of every order and answers the order with the smallest sum. */
const bestOrder = (samples: Int16Array, residuals: Residuals): number => {
  let best = 0;
  let bestSum = Infinity;
  for (let order = 0; order <= Math.min(MAX_ORDER, samples.length - 1); order++) {
    const current = residuals[order]!;
    const before = order === 0 ? samples : residuals[order - 1]!;
    let sum = 0;
    for (let i = order; i < samples.length; i++) {
      const value = order === 0 ? before[i]! : before[i]! - before[i - 1]!;
      current[i] = value;
      sum += Math.abs(value);
    }
    if (sum < bestSum) [best, bestSum] = [order, sum];
  }
  return best;
};

type Plan = { order: number; partitionOrder: number; size: number; parameters: number[]; bits: number };

/** Cuts a block into partitions and finds the Rice parameter of each; `bits` is what the subframe needs at most. */
const planPartitions = (residual: Int32Array, order: number, length: number): Plan => {
  const divisible = length % (1 << PARTITION_ORDER) === 0 && length >> PARTITION_ORDER > order;
  const partitionOrder = divisible ? PARTITION_ORDER : 0;
  const size = length >> partitionOrder;
  const parameters: number[] = [];
  let bits = 6 + 16 * order;
  for (let from = 0; from < length; from += size) {
    let sum = 0;
    const first = Math.max(from, order);
    for (let i = first; i < from + size; i++) sum += zigzag(residual[i]!);
    const k = bestRice(from + size - first, sum);
    bits += 4 + riceBits(k, from + size - first, sum);
    parameters.push(k);
  }
  return { order, partitionOrder, size, parameters, bits };
};

const writeResidual = (out: BitWriter, residual: Int32Array, plan: Plan): void => {
  out.bits(0, 2);
  out.bits(plan.partitionOrder, 4);
  plan.parameters.forEach((k, partition) => {
    out.bits(k, 4);
    const end = (partition + 1) * plan.size;
    for (let i = Math.max(partition * plan.size, plan.order); i < end; i++) {
      const value = zigzag(residual[i]!);
      out.zeros(value >>> k);
      out.bits((1 << k) | (value & ((1 << k) - 1)), k + 1);
    }
  });
};

const writeSubframe = (out: BitWriter, samples: Int16Array, residuals: Residuals): void => {
  const first = samples[0]!;
  if (samples.every((sample) => sample === first)) {
    out.bits(CONSTANT, 8);
    return out.bits(first & 0xffff, 16);
  }
  const order = bestOrder(samples, residuals);
  const plan = planPartitions(residuals[order]!, order, samples.length);
  const verbatim = plan.bits >= samples.length * 16;
  out.bits(verbatim ? VERBATIM : FIXED | (order << 1), 8);
  for (let i = 0; i < (verbatim ? samples.length : order); i++) out.bits(samples[i]! & 0xffff, 16);
  if (!verbatim) writeResidual(out, residuals[order]!, plan);
};

export type FlacEncoder = {
  /** One whole frame of 1 to 4096 samples; fewer than 4096 only for the last. */
  encode: (samples: Int16Array) => Buffer;
};

/** An encoder of one stream; its scratch memory is used again for every block. */
export const flacEncoder = (): FlacEncoder => {
  const residuals = Array.from({ length: MAX_ORDER + 1 }, () => new Int32Array(BLOCK_SAMPLES));
  const scratch = new Uint8Array(MAX_FRAME_BYTES);
  let frameNumber = 0;
  const encode = (samples: Int16Array): Buffer => {
    const out = bitWriter(scratch);
    writeHeader(out, scratch, frameNumber++, samples.length);
    writeSubframe(out, samples, residuals);
    out.align();
    out.bits(crc16(scratch, 0, out.length()), 16);
    return Buffer.from(scratch.slice(0, out.length()).buffer);
  };
  return { encode };
};
