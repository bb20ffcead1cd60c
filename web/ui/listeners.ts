import type { CoarseNumber } from '../../server/room/room.schema.ts';
import { m } from '../paraglide/messages.js';

/** The coarse number in words: "Fewer than 10 listening", "50+ listening". */
export const listenersInWords = (number: CoarseNumber): string =>
  number.atLeast === 0 ? m.few_listening() : m.many_listening({ count: number.atLeast });
