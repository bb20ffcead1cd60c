/** An evening that is over: seats with their receipts, a recording as the capture left it, and what is made of it. */
import { join } from 'node:path';
import { randomId } from '../../server/platform/ids.ts';
import { recorderIdentity } from '../../server/recording/captures.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { TestApp } from './app.ts';
import { writeCapturedFolder } from './captured-folder.ts';
import type { TestHost } from './hosts.ts';
import { ask, makeRoom } from './hosts.ts';
import { beeps } from './voices.ts';
import { until } from './wait.ts';

export const YES = { recorded: true, published: true, wording: 'Recorded? Published?', language: 'en' };

export const HZ = { Ada: 1000, Bo: 1700 } as const;
export type Speaker = keyof typeof HZ;

export type Evening = {
  slug: string;
  liveSessionId: string;
  recordingId: string;
  dir: string;
  seatIds: Record<Speaker, string>;
  secrets: Record<Speaker, string>;
  visits: Record<Speaker, string>;
};

export const secretOf = ({ receiptUrl }: Pick<Ticket, 'receiptUrl'>): string =>
  new URL(receiptUrl!).hash.replace('#receipt=', '');

const seat = async (app: TestApp, host: TestHost, slug: string, name: string): Promise<Ticket> => {
  const url = `/api/v1/rooms/${slug}/speak-links`;
  const link = await ask(app, 'POST', url, { token: host.token, body: { label: name } });
  const secret = new URL(link.body.url).hash.replace('#speak=', '');
  return (await ask(app, 'POST', `${url}/redeem`, { body: { secret, name, consent: YES } })).body as Ticket;
};

/** Ada and Bo beep for three seconds at their own pitch, in one take. The room is live still unless told otherwise. */
export const evening = async (app: TestApp, host: TestHost, { over = true } = {}): Promise<Evening> => {
  const { slug, liveSessionId } = await makeRoom(app, host, { title: `Evening ${randomId().slice(0, 6)}` });
  const [ada, bo] = [await seat(app, host, slug, 'Ada'), await seat(app, host, slug, 'Bo')];
  if (over) await ask(app, 'POST', `/api/v1/rooms/${slug}/live-session/end`, { token: host.token });
  const recordingId = randomId();
  const dir = join(app.config.recordingsDir, recordingId);
  const { prisma } = app.database;
  const identity = recorderIdentity(recordingId);
  await prisma.recording.create({ data: { id: recordingId, liveSessionId, state: 'closed', identity } });
  const take = { id: `${recordingId}-1`, recordingId, ordinal: 1, state: 'closed', startedAt: new Date() };
  await prisma.take.create({ data: { ...take, stoppedAt: new Date(), lengthSamples: 3n * 48_000n } });
  const track = (speaker: Speaker, { seatId }: Ticket) => ({
    speaker,
    seatId: seatId!,
    pcm: beeps(HZ[speaker], 3, 0.25),
  });
  await writeCapturedFolder(dir, [{ tracks: [track('Ada', ada), track('Bo', bo)] }]);
  return {
    ...{ slug, liveSessionId, recordingId, dir },
    seatIds: { Ada: ada.seatId!, Bo: bo.seatId! },
    secrets: { Ada: secretOf(ada), Bo: secretOf(bo) },
    visits: { Ada: ada.visitSecret, Bo: bo.visitSecret },
  };
};

/** Waits until a version of the recording, the newest whole one unless named, is ready. */
export const readyMaster = (app: TestApp, host: TestHost, recordingId: string, masterId?: string) =>
  until(
    async () => {
      const view = (await ask(app, 'GET', `/api/v1/recordings/${recordingId}`, { token: host.token }))
        .body as RecordingView;
      const all = [...(view.master ? [view.master] : []), ...view.masters];
      const master = masterId === undefined ? view.master : all.find(({ id }) => id === masterId);
      if (master?.state === 'failed') throw new Error(JSON.stringify(master.problem));
      return master?.state === 'ready' && master;
    },
    { timeoutMs: 60_000, everyMs: 100, what: 'the master is ready' },
  );

/** Makes a version, the whole recording unless `cut` is given, and waits for it. */
export const made = async (app: TestApp, host: TestHost, recordingId: string, order: object = {}) => {
  const url = `/api/v1/recordings/${recordingId}/masters`;
  const { body } = await ask(app, 'POST', url, { token: host.token, body: order });
  return readyMaster(app, host, recordingId, body.id);
};
