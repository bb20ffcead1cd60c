/**
 * What the network lost of a microphone. A jitter buffer always delivers: where packets are missing it makes samples
 * up, a fading echo and then silence, so that frames alone do not tell a speaker who pauses from one who is not heard.
 * What the receiver counts does:
 *   - made-up ("concealed") samples, which a pause of the speaker does not cost;
 *   - no packet for a second, while the microphone is open: one that sends no sound in pauses (Opus DTX) still sends a
 *     packet every 400 ms;
 *   - numbers missing between two packets, when a loss began in a pause and was over soon.
 */
import { SAMPLE_RATE } from '../timeline.schema.ts';

/** What has come of a track so far, as its receiver counts. */
export type Reception = { packets: number; packetsLost: number; concealedSamples: number; muted: boolean };

/** On the monotonic clock, in milliseconds. */
export type Span = { fromMs: number; toMs: number };

/** `heardMs`: when a packet was last known to have come. `sinceMs`: where the loss that is under way began. */
export type Loss = { seen: Reception; atMs: number; heardMs: number; sinceMs: number | null };

/** As LiveKit's clients send sound. */
const PACKET_MS = 20;
const NO_PACKET_MS = 1_000;
/** What is shorter is a crackle. */
const SHORTEST_MS = 100;

/** A loss that is one: a shorter one is a crackle. */
export const longEnough = (fromMs: number, toMs: number): Span | undefined =>
  toMs - fromMs >= SHORTEST_MS ? { fromMs, toMs } : undefined;

/** Takes one count of the receiver, a few of them a second, and answers the loss that it ended, if it did. */
export const stepLoss = (
  loss: Loss | undefined,
  seen: Reception,
  nowMs: number,
): { loss: Loss; lost?: Span | undefined } => {
  if (!loss) return { loss: { seen, atMs: nowMs, heardMs: nowMs, sinceMs: null } };
  const madeUpMs = ((seen.concealedSamples - loss.seen.concealedSamples) * 1000) / SAMPLE_RATE;
  const heardMs = seen.muted || seen.packets > loss.seen.packets ? nowMs : loss.heardMs;
  const mostlyMadeUp = madeUpMs > (nowMs - loss.atMs) / 2;
  const backMs = Math.max(loss.atMs + madeUpMs, nowMs - (seen.packets - loss.seen.packets) * PACKET_MS);
  const next = { seen, atMs: nowMs, heardMs, sinceMs: null };
  if (!seen.muted && (mostlyMadeUp || nowMs - heardMs >= NO_PACKET_MS)) {
    return { loss: { ...next, sinceMs: loss.sinceMs ?? (mostlyMadeUp ? nowMs - madeUpMs : heardMs) } };
  }
  const missingMs = Math.max(0, seen.packetsLost - loss.seen.packetsLost) * PACKET_MS;
  return { loss: next, lost: longEnough(loss.sinceMs ?? backMs - missingMs, Math.min(nowMs, backMs)) };
};

/** The loss that is still under way when a track is closed. */
export const endLoss = (loss: Loss | undefined, nowMs: number): Span | undefined =>
  loss && loss.sinceMs !== null ? longEnough(loss.sinceMs, nowMs) : undefined;
