/* Receipts of the evening, as their page gets them. */
import type { ReceiptView } from '../../server/recording/receipt.schema.ts';

const at = (minutesAgo: number): string => new Date(Date.now() - minutesAgo * 60_000).toISOString();

const asked = {
  wording: 'May we record your voice? Marta Bellini may also publish my voice in an episode',
  language: 'en',
};

export const receipt: ReceiptView = {
  speaker: 'Tommaso Rega',
  roomTitle: 'The lamplighters of the harbour',
  hostName: 'Marta Bellini',
  answers: [
    { recorded: true, published: false, ...asked, at: at(130) },
    { recorded: true, published: true, ...asked, at: at(95) },
  ],
  takes: [
    { takeId: 't1', ordinal: 1, startedAt: at(125), durationMs: 1_452_000, published: true },
    { takeId: 't2', ordinal: 2, startedAt: at(80), durationMs: 421_000, published: true },
  ],
  episodes: [{ title: 'The lamplighters of the harbour', url: 'http://localhost/e/lamplighters' }],
  withdrawal: null,
  keptUntil: null,
};

export const takenBack: ReceiptView = {
  ...receipt,
  answers: [
    ...receipt.answers,
    { recorded: false, published: false, wording: 'Delete my voice', language: 'en', at: at(1) },
  ],
  takes: [],
  episodes: [],
  withdrawal: { erased: true, askedAt: at(1), done: false },
};

export const ownTracks = {
  tracks: [
    { takeId: 't1', ordinal: 1, durationMs: 1_452_000, bytes: 61_200_000, url: 'http://localhost/one' },
    { takeId: 't2', ordinal: 2, durationMs: 421_000, bytes: 17_900_000, url: 'http://localhost/two' },
  ],
};
