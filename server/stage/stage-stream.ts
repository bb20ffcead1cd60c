/**
 * The event stream of one live session: two channels, one for moderators and one for everybody else. A channel numbers
 * its deltas, keeps the last thousand, and sends the same text to all its readers. The stream knows nothing of seats
 * and hands: it is told of changes, and asks for the whole view when somebody comes or was away.
 */
import { randomId } from '../platform/ids.ts';
import type { TicketRole } from '../room/ticket.schema.ts';
import type { DeltaLog } from './delta-log.ts';
import { deltaLog } from './delta-log.ts';
import type { RawSocket, Reader } from './stream-reader.ts';
import { streamReader } from './stream-reader.ts';
import type { ServerFrame, StageChange, StageNotice, StageView, You } from './stage.schema.ts';
import { CLOSE } from './stage.schema.ts';
import { TIERS, tierOf } from './stage-view.ts';
import type { Tier } from './stage-view.ts';

/** Whose socket it is. `identity` goes into no frame but a seat's own, and into no log line. */
export type Viewer = { readonly identity: string; readonly role: TicketRole };
/** One open socket, in the stream that it reads. */
export type Reading = Reader & { readonly viewer: Viewer };
export type EndReason = Extract<ServerFrame, { type: 'ended' }>['reason'];

export type Views = { of: (tier: Tier) => StageView; you: (viewer: Viewer) => You };

type Channel = { readonly log: DeltaLog; readonly readings: Set<Reading> };

const text = (frame: ServerFrame): string => JSON.stringify(frame);

const openChannel = (epoch: string): Channel => ({ log: deltaLog(epoch), readings: new Set() });

const cut = ({ log, readings }: Channel): void => {
  const frame = log.cut();
  if (frame) for (const reading of readings) reading.sendDelta(frame);
};

export const stageStream = (deps: { views: Views; nowMs: () => number }) => {
  const epoch = randomId();
  const channels: Record<Tier, Channel> = { moderators: openChannel(epoch), audience: openChannel(epoch) };
  const byIdentity = new Map<string, Reading>();

  const channelOf = ({ viewer }: Reading): Channel => channels[tierOf(viewer.role)];

  // The snapshot carries the number of the last delta cut; what still waits is cut first, so nothing comes twice.
  const sendSnapshot = (reading: Reading): void => {
    const { log } = channelOf(reading);
    cut(channelOf(reading));
    const view = deps.views.of(tierOf(reading.viewer.role));
    const you = deps.views.you(reading.viewer);
    reading.send(text({ type: 'snapshot', epoch, seq: log.seq(), view, you }));
  };

  const leave = (reading: Reading): void => {
    channelOf(reading).readings.delete(reading);
    if (byIdentity.get(reading.viewer.identity) === reading) byIdentity.delete(reading.viewer.identity);
  };

  const close = (identity: string, code: number): void => {
    const reading = byIdentity.get(identity);
    if (!reading) return;
    leave(reading);
    reading.close(code);
  };

  const flush = (): void => TIERS.forEach((tier) => cut(channels[tier]));

  return {
    /** Lets a reader in and sends the snapshot. An older socket of the same visit is closed: it has been taken over. */
    attach: (viewer: Viewer, raw: RawSocket): Reading => {
      close(viewer.identity, CLOSE.takenOver);
      const reading: Reading = { viewer, ...streamReader(raw, deps.nowMs) };
      byIdentity.set(viewer.identity, reading);
      sendSnapshot(reading);
      channelOf(reading).readings.add(reading);
      return reading;
    },
    leave,
    close,
    flush,

    /** Sends again what came after number `seq`, or a snapshot when that is no longer possible. */
    resume: (reading: Reading, fromEpoch: string, seq: number): void => {
      // Who has fallen behind gets a snapshot anyway, once there is room for it.
      if (reading.isBehind()) return;
      const missed = channelOf(reading).log.since(fromEpoch, seq);
      if (!missed) return sendSnapshot(reading);
      for (const frame of missed) reading.sendDelta(frame);
    },

    /** Notes a change for the next tick. `moderators`: the audience is told nothing, not even a number. */
    change: (change: StageChange, to: 'everybody' | 'moderators'): void => {
      channels.moderators.log.add(change);
      if (to === 'everybody') channels.audience.log.add(change);
    },

    notify: (identity: string, notice: StageNotice): void => {
      byIdentity.get(identity)?.send(text({ type: 'notice', notice }));
    },

    /** Gives those who have caught up their snapshot and ends the hopeless. */
    look: (): void => {
      for (const reading of byIdentity.values()) {
        const state = reading.look();
        if (state === 'drained') sendSnapshot(reading);
        if (state !== 'hopeless') continue;
        leave(reading);
        reading.terminate();
      }
    },

    /** Pings everybody and ends whoever has not answered the last one. */
    ping: (): void => {
      for (const reading of byIdentity.values()) {
        if (reading.ping()) continue;
        leave(reading);
        reading.terminate();
      }
    },

    /** Closes every socket; with `reason`, after saying that the live session is over. */
    end: (code: number, reason?: EndReason): void => {
      flush();
      for (const { viewer } of [...byIdentity.values()]) {
        if (reason) byIdentity.get(viewer.identity)?.send(text({ type: 'ended', reason }));
        close(viewer.identity, code);
      }
    },
  };
};
export type StageStream = ReturnType<typeof stageStream>;
