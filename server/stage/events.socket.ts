/**
 * The event stream's socket: `loggia.v1` beside `ticket.<socket ticket>` as subprotocols. A ticket is spent at the
 * first connection; who comes with none, or with a spent one, is let in far enough to be told so by close code 4002,
 * since a browser shows no HTTP status of a refused upgrade.
 */
import type { WebSocket } from 'ws';
import type { Config } from '../config.ts';
import type { App } from '../platform/http.ts';
import { socketDoor } from '../platform/socket-door.ts';
import type { LiveRegistry } from '../room/live-registry.ts';
import type { Visit } from '../room/visit.ts';
import type { StageHub } from './stage-hub.ts';
import type { Reading, StageStream } from './stage-stream.ts';
import { clientFrameSchema, CLOSE } from './stage.schema.ts';

const MAX_FRAME_BYTES = 16 * 1024;
const FRAMES_PER_SECOND = 20;
/** RFC 6455 §7.4.1 */
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;
const PONG = JSON.stringify({ type: 'pong' });

type Deps = {
  config: Pick<Config, 'publicUrl' | 'socketsPerAddress'>;
  hub: StageHub;
  registry: LiveRegistry;
  spendSocketTicket: (ticket: string) => Visit | undefined;
  /** Asked at the door and again at every frame. */
  isAdmitted: (visit: Visit) => boolean;
};

const ticketIn = (protocols: string | undefined): string | undefined =>
  protocols
    ?.split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith('ticket.'))
    ?.slice('ticket.'.length);

/** True for the first FRAMES_PER_SECOND calls of each second. */
const frameBudget = (): (() => boolean) => {
  let second = 0;
  let used = 0;
  return () => {
    const now = Math.floor(performance.now() / 1000);
    used = now === second ? used + 1 : 1;
    second = now;
    return used <= FRAMES_PER_SECOND;
  };
};

/** Why a frame is refused, as a close code; undefined once it has been obeyed. */
const obey = (stream: StageStream, reading: Reading, data: string): number | undefined => {
  const frame = clientFrameSchema.safeParse(parseJson(data));
  if (!frame.success) return POLICY_VIOLATION;
  if (frame.data.type === 'resume') stream.resume(reading, frame.data.epoch, frame.data.seq);
  else reading.send(PONG);
  return undefined;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const serve = (socket: WebSocket, stream: StageStream, visit: Visit, isAdmitted: Deps['isAdmitted']): void => {
  const hasBudget = frameBudget();
  const reading = stream.attach({ identity: visit.identity, role: visit.role }, socket);
  socket.on('pong', reading.pong);
  socket.on('close', () => stream.leave(reading));
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isAdmitted(visit)) return socket.close(CLOSE.removed);
    if (data.length > MAX_FRAME_BYTES) return socket.close(TOO_BIG);
    const fault = isBinary || !hasBudget() ? POLICY_VIOLATION : obey(stream, reading, data.toString('utf8'));
    if (fault) socket.close(fault);
  });
};

export const eventRoutes =
  ({ config, hub, registry, spendSocketTicket, isAdmitted }: Deps) =>
  (app: App): void => {
    const door = socketDoor({ publicUrl: config.publicUrl, perAddress: config.socketsPerAddress });

    app.get<{ Params: { slug: string } }>(
      '/rooms/:slug/events',
      {
        websocket: true,
        exposeHeadRoute: false,
        config: { action: 'connectEvents' },
        preValidation: door,
      },
      (socket, request) => {
        const visit = spendSocketTicket(ticketIn(request.headers['sec-websocket-protocol']) ?? '');
        const isOfRoom = visit && registry.byId(visit.liveSessionId)?.slug === request.params.slug;
        const stream = visit && hub.stream(visit.liveSessionId);
        if (!visit || !isOfRoom || !isAdmitted(visit)) return socket.close(CLOSE.ticket);
        // The room is live and its stream is not: this process is going down.
        if (!stream) return socket.close(CLOSE.restart);
        serve(socket, stream, visit, isAdmitted);
      },
    );
  };
