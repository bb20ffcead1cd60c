/** A client of the event stream as the web app is one: keeps the view, applies deltas by number, resumes after a hole. */
import { WebSocket } from 'ws';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { ServerFrame, StageNotice, StageView, You } from '../../server/stage/stage.schema.ts';
import { serverFrameSchema } from '../../server/stage/stage.schema.ts';
import { changed } from '../../web/stage/stage-view.ts';
import { until } from './wait.ts';

type Snapshot = Extract<ServerFrame, { type: 'snapshot' }>;

export type EventClient = {
  socket: WebSocket;
  /** Everything received, as text. */
  texts: string[];
  frames: () => ServerFrame[];
  snapshot: () => Snapshot | undefined;
  view: () => StageView;
  you: () => You | undefined;
  notices: () => StageNotice[];
  seq: () => number;
  /** Numbers of the deltas applied, in order. */
  applied: number[];
  /** Drops the next deltas as if the network had lost them. */
  lose: (count: number) => void;
  closed: () => number | undefined;
  close: () => void;
};

/** Connects and waits for the snapshot, or for the close code that comes instead. */
export const eventClient = async (
  ticket: Pick<Ticket, 'socketUrl' | 'socketTicket'>,
  options: { origin?: string; protocols?: string[] } = {},
): Promise<EventClient> => {
  const protocols = options.protocols ?? ['loggia.v1', `ticket.${ticket.socketTicket}`];
  const socket = new WebSocket(ticket.socketUrl, protocols, { origin: options.origin });
  const texts: string[] = [];
  const frames: ServerFrame[] = [];
  const applied: number[] = [];
  let view: StageView | undefined;
  let at = { epoch: '', seq: -1 };
  let losing = 0;
  let closed: number | undefined;

  const take = (frame: ServerFrame): void => {
    if (frame.type === 'snapshot') {
      view = frame.view;
      at = { epoch: frame.epoch, seq: frame.seq };
    }
    if (frame.type !== 'delta' || frame.seq <= at.seq) return;
    if (losing > 0) return void (losing -= 1);
    if (frame.seq !== at.seq + 1) return socket.send(JSON.stringify({ type: 'resume', ...at }));
    view = frame.changes.reduce(changed, view!);
    at = { epoch: frame.epoch, seq: frame.seq };
    applied.push(frame.seq);
  };

  socket.on('message', (data: Buffer) => {
    texts.push(data.toString('utf8'));
    const frame = serverFrameSchema.parse(JSON.parse(data.toString('utf8')));
    frames.push(frame);
    take(frame);
  });
  socket.on('close', (code) => {
    closed = code;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  await until(() => view !== undefined || closed !== undefined, { what: 'snapshot or close' });

  const snapshot = (): Snapshot | undefined => frames.findLast((frame) => frame.type === 'snapshot');
  return {
    socket,
    texts,
    frames: () => frames,
    snapshot,
    view: () => view!,
    you: () => snapshot()?.you,
    notices: () => frames.filter((frame) => frame.type === 'notice').map(({ notice }) => notice),
    seq: () => at.seq,
    applied,
    lose: (count) => {
      losing = count;
    },
    closed: () => closed,
    close: () => socket.close(),
  };
};
