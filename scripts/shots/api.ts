/* The API of the evening, answered inside the browser: no server, no database, no sound. */
import type { Page, Route } from 'playwright-core';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { TicketRole } from '../../server/room/ticket.schema.ts';
import type { ServerFrame, StageView, You } from '../../server/stage/stage.schema.ts';
import * as evening from './evening.ts';
import { ownTracks, receipt, takenBack } from './receipts.ts';

export interface Scene {
  role: TicketRole;
  seatId: string | null;
  view?: Partial<StageView>;
  you?: Partial<You>;
  /** Of the consent that the ticket came with. */
  receiptUrl?: string;
  /** What the host's bar reads of the recording that runs. */
  recording?: RecordingView;
}

/** A WAV file without a sample in it. */
const silence = Buffer.from('UklGRiQAAABXQVZFZm10IBAAAAABAAEAgLsAAAB3AQACABAAZGF0YQAAAAA=', 'base64');

const notFound = {
  type: 'urn:loggia:problem:not-found',
  title: 'There is nothing at this address.',
  status: 404,
  code: 'not-found',
};
const gone = {
  type: 'urn:loggia:problem:link-spent',
  title: 'This link was used.',
  status: 410,
  code: 'link-spent',
  next: 'Ask the host for a new one.',
};

const roomAnswers = (scene: Scene): Record<string, unknown> => ({
  'GET /rooms': { rooms: evening.rooms },
  'GET /rooms/harbour': evening.rooms[0],
  'GET /rooms/closed': evening.closedRoom,
  'GET /rooms/named': evening.namedRoom,
  'POST /rooms/harbour/tickets': evening.ticket(scene.role, scene.seatId),
  'POST /rooms/harbour/tickets/renew': {
    ...evening.ticket(scene.role, scene.seatId),
    receiptUrl: scene.receiptUrl ?? null,
  },
  'POST /rooms/harbour/speak-links/redeem': evening.ticket(scene.role, scene.seatId),
  'POST /rooms/named/speak-links/redeem': gone,
  'POST /rooms/harbour/host-ticket': evening.ticket(scene.role, scene.seatId),
  'GET /rooms/harbour/speak-links': { speakLinks: evening.speakLinks },
});

const answers = (scene: Scene): Record<string, unknown> => ({
  ...roomAnswers(scene),
  'GET /instance': evening.instance,
  'GET /host': { id: crypto.randomUUID(), name: 'Marta Bellini', isOwner: true },
  'GET /host/rooms': { rooms: evening.hostRooms },
  'GET /recordings': { recordings: [evening.recording(), evening.readyRecording()], next: 'r2' },
  'GET /recordings/r1': scene.recording ?? evening.recording(),
  'GET /recordings/r2': evening.readyRecording(),
  'POST /rooms/harbour/recording/clips': evening.recording().masters[0],
  'POST /receipts/read': receipt,
  'POST /receipts/tracks': ownTracks,
  'POST /receipts/withdraw': takenBack,
  'GET /episodes': { episodes: evening.episodes },
  'GET /episodes/lamplighters': evening.episodes[0],
});

const answer = (route: Route, known: Record<string, unknown>): Promise<void> => {
  const request = route.request();
  const path = new URL(request.url()).pathname.replace(/^\/(?:manage\/)?api\/v1/, '');
  const body = known[`${request.method()} ${path}`] ?? notFound;
  const status =
    typeof body === 'object' && body !== null && 'status' in body && 'code' in body ? Number(body.status) : 200;
  return route.fulfill({
    status,
    contentType: status === 200 ? 'application/json' : 'application/problem+json',
    body: JSON.stringify(body),
  });
};

/** Answers everything the page asks for, with one visitor's view of the stage on the event stream. */
export const answerEverything = async (page: Page, scene: Scene, covers: string): Promise<void> => {
  const known = answers(scene);
  await page.route(/\/api\/v1\//, (route) => answer(route, known));
  await page.route('**/covers/*', (route) => route.fulfill({ contentType: 'image/svg+xml', body: covers }));
  await page.route('**/peaks/*', (route) => route.fulfill({ json: evening.peaks }));
  await page.route(/\/(?:replay\.mp3|audio\/)/, (route) => route.fulfill({ contentType: 'audio/wav', body: silence }));
  const moderates = scene.role === 'host' || scene.role === 'moderator';
  const frame: ServerFrame = {
    type: 'snapshot',
    epoch: 'one',
    seq: 1,
    view: evening.view(moderates, scene.view),
    you: { role: scene.role, seatId: scene.seatId, hand: null, consentNeeded: false, answer: null, ...scene.you },
  };
  await page.routeWebSocket(/\/events$/, (socket) => {
    // The progress of a recording stays as it was read.
    if (!socket.url().includes('/recordings/')) socket.send(JSON.stringify(frame));
  });
  // The sound server takes the call and says nothing: the room stays as it is before the first sound.
  await page.routeWebSocket(/\/media\//, () => undefined);
};
