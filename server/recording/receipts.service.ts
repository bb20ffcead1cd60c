/** A personal receipt: what was answered, what is kept of the voice, fetching it, and taking it back. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { hashSecret } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import type { CutRange } from './master.ts';
import type { ReceiptTracksView, ReceiptView, withdrawBodySchema } from './receipt.schema.ts';
import type { ReceiptSeat, ReceiptsStore } from './receipts.store.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';
import type { RecordingTimeline, TimelineTake } from './timeline.schema.ts';
import type { TrackTickets } from './track-ticket.ts';
import type { WithdrawalService } from './withdrawal.service.ts';
import type { z } from 'zod';

/** What is written down when a program asks without words of its own. */
const WORDS = {
  withdrawn: 'Withdrawn with the personal receipt.',
  erased: 'Withdrawn with the personal receipt, and the voice deleted.',
};

type Deps = {
  config: Pick<Config, 'publicUrl' | 'recordingsDir'>;
  receipts: ReceiptsStore;
  withdrawals: WithdrawalService;
  tickets: TrackTickets;
  timelineOf: (recordingId: string) => Promise<RecordingTimeline>;
};

type OwnTake = { take: TimelineTake; tracks: TimelineTake['tracks'] };

const msOf = (samples: number): number => Math.round((samples * 1000) / SAMPLE_RATE);

const takesOf = (seatId: string, { takes }: RecordingTimeline): OwnTake[] =>
  takes
    .map((take) => ({ take, tracks: take.tracks.filter((track) => track.seatId === seatId) }))
    .filter(({ tracks }) => tracks.length > 0);

const takeView = ({ take, tracks }: OwnTake): ReceiptView['takes'][number] => ({
  takeId: take.takeId,
  ordinal: take.ordinal,
  startedAt: new Date(take.startedAtMs).toISOString(),
  durationMs: msOf(tracks.reduce((sum, { lengthSamples }) => sum + lengthSamples, 0)),
  published: tracks.some(({ published }) => published),
});

export const receiptsService = ({ config, receipts, withdrawals, tickets, timelineOf }: Deps) => {
  const seatOf = async (secret: string): Promise<ReceiptSeat> => {
    const seat = await receipts.seatOf(hashSecret(secret));
    if (!seat) throw new Problem('receipt-unknown');
    return seat;
  };

  const heardIn = async (recordingId: string, own: OwnTake[]): Promise<ReceiptView['episodes']> => {
    const heard = new Set(own.filter(({ tracks }) => tracks.some((t) => t.published)).map(({ take }) => take.takeId));
    const published = await receipts.publishedOf(recordingId);
    return published
      .filter(({ master }) => (master.cut as CutRange[]).some(({ takeId }) => heard.has(takeId)))
      .map(({ slug, title }) => ({ title, url: `${config.publicUrl}/e/${slug}` }));
  };

  const ownTakes = async ({ seatId, liveSessionId }: ReceiptSeat) => {
    const recording = await receipts.recordingOf(liveSessionId);
    return { recording, own: recording ? takesOf(seatId, await timelineOf(recording.id)) : [] };
  };

  const view = async (seat: ReceiptSeat): Promise<ReceiptView> => {
    const { speaker, roomTitle, hostName } = seat;
    const { recording, own } = await ownTakes(seat);
    const withdrawal = await receipts.newestWithdrawal(seat.seatId);
    return {
      ...{ speaker, roomTitle, hostName },
      answers: seat.answers.map(({ at, ...answer }) => ({ ...answer, at: at.toISOString() })),
      takes: own.map(takeView),
      episodes: recording ? await heardIn(recording.id, own) : [],
      withdrawal: withdrawal
        ? {
            erased: withdrawal.erase,
            askedAt: withdrawal.askedAt.toISOString(),
            done: withdrawal.finishedAt !== null,
          }
        : null,
      keptUntil: null,
    };
  };

  return {
    /** Throws `receipt-unknown`, as everything here does. */
    read: async (secret: string): Promise<ReceiptView> => view(await seatOf(secret)),

    /** Takes the voice out of everything; with `erase` its own files go, too. Once is as often as twice. */
    withdraw: async (order: z.output<typeof withdrawBodySchema>): Promise<ReceiptView> => {
      const seat = await seatOf(order.secret);
      const { erase, wording = WORDS[order.erase ? 'erased' : 'withdrawn'], language = 'en' } = order;
      const lastYesAt = seat.answers.findLast(({ recorded }) => recorded)?.at;
      await withdrawals.withdraw(seat, { erase, wording, language }, lastYesAt);
      return view(await seatOf(order.secret));
    },

    /** The files of the own voice, of takes that are over. */
    tracks: async (secret: string): Promise<ReceiptTracksView> => {
      const { recording, own } = await ownTakes(await seatOf(secret));
      if (!recording) return { tracks: [] };
      // The take of a capture that died has no end in its journal: it ended with its recording
      const isOver = ({ state }: TimelineTake): boolean => state === 'closed' || recording.state === 'closed';
      const files = own.flatMap(({ take, tracks }) => (isOver(take) ? tracks.map((track) => ({ take, track })) : []));
      const found = files.map(async ({ take, track: { file, lengthSamples } }) => {
        const info = await stat(join(config.recordingsDir, recording.id, file)).catch(() => undefined);
        const { takeId, ordinal } = take;
        const url = `${config.publicUrl}/api/v1/receipts/tracks/${tickets.issue({ recordingId: recording.id, file })}`;
        return info ? [{ takeId, ordinal, durationMs: msOf(lengthSamples), bytes: info.size, url }] : [];
      });
      return { tracks: (await Promise.all(found)).flat() };
    },

    /** The file behind a short-lived address, with the name under which it is kept. */
    openTrack: (ticket: string): { path: string; name: string } => {
      const track = tickets.open(ticket);
      if (!track) throw new Problem('receipt-unknown');
      return { path: join(config.recordingsDir, track.recordingId, track.file), name: 'my-voice.flac' };
    },
  };
};
export type ReceiptsService = ReturnType<typeof receiptsService>;
