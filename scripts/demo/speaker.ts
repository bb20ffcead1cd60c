/** A speaker of the demo: comes with a ticket, talks from a given moment, and comes back when the room has let go. */
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { Bot } from '../../test/support/bot.ts';
import { startBot } from '../../test/support/bot.ts';
import type { Cutter } from '../../test/support/net-cut.ts';
import { startCuttableBot } from '../../test/support/net-cut.ts';
import { until } from '../../test/support/wait.ts';
import type { House } from './house.ts';

type Order = {
  house: House;
  room: string;
  ticket: Ticket;
  wav: string;
  ffmpegBin: string;
  /** Whether this speaker's network is going to be cut. */
  cuttable: boolean;
};

export type Speaker = {
  /** Undefined unless cuttable. */
  cutter: Cutter | undefined;
  /** Talks to the end of the file, also through losses of the connection. */
  talk: (atEpochMs: number) => Promise<void>;
  leave: () => Promise<void>;
};

const COMEBACKS = 5;

type Present = Bot & Partial<Cutter> & { comeBack: () => Promise<Bot> };

export const bringSpeaker = async ({ house, room, ticket, wav, ffmpegBin, cuttable }: Order): Promise<Speaker> => {
  // A bot that comes back reads the order again, with the token that is then in it
  const order = { mediaUrl: ticket.mediaUrl, token: ticket.mediaToken };
  const start = async (): Promise<Present> =>
    cuttable ? startCuttableBot(order) : { ...(await startBot(order)), comeBack: () => startBot(order) };
  const first = await start();
  let present: Bot = first;
  await present.publish();

  const comeBack = async (): Promise<Bot> => {
    order.token = (await house.renewTicket(room, ticket)).mediaToken;
    const back = await first.comeBack();
    await back.publish();
    await present.leave().catch(() => {});
    return back;
  };

  /** Says what is left of the file; false when the room let go before the end. */
  const say = async (atEpochMs: number): Promise<boolean> => {
    const gone = new AbortController();
    const letGo = until(() => gone.signal.aborted || present.disconnected(), { timeoutMs: 86_400_000, everyMs: 100 });
    const spoken = present.talk(wav, atEpochMs, ffmpegBin).then(
      () => true,
      () => false,
    );
    const isWhole = await Promise.race([spoken, letGo.then(() => false)]);
    gone.abort();
    return isWhole;
  };

  return {
    cutter: first.cut && first.heal ? (first as Cutter) : undefined,
    talk: async (atEpochMs) => {
      for (let attempt = 0; attempt < COMEBACKS && !(await say(atEpochMs)); attempt++) {
        present = await until(comeBack, { timeoutMs: 60_000, everyMs: 500, what: 'the speaker comes back' });
      }
    },
    leave: async () => {
      await present.leave().catch(() => {});
      await first.dispose?.();
    },
  };
};
