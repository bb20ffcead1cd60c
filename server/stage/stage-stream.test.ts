import { expect, it } from 'vitest';
import type { Tier } from './stage-view.ts';
import { stageStream } from './stage-stream.ts';
import { SLOW } from './stream-reader.ts';
import { DARK_LIGHT } from './stage.schema.ts';
import type { ServerFrame, StageView } from './stage.schema.ts';

const viewOf = (tier: Tier): StageView => ({
  roomSlug: 'square',
  title: tier,
  topic: '',
  liveSessionId: 'live',
  startedAt: '2026-01-01T12:00:00.000Z',
  recordingArmed: false,
  seats: [],
  hands: [],
  listeners: null,
  booksBalance: null,
  recording: DARK_LIGHT,
});

const fakeSocket = () => {
  const frames: ServerFrame[] = [];
  const ends: (number | 'terminated')[] = [];
  const socket = {
    bufferedAmount: 0,
    send: (text: string) => void frames.push(JSON.parse(text) as ServerFrame),
    close: (code: number) => void ends.push(code),
    terminate: () => void ends.push('terminated'),
    ping: () => undefined,
  };
  return { socket, frames, ends };
};

const openStream = () => {
  let nowMs = 0;
  const stream = stageStream({
    views: { of: viewOf, you: ({ role }) => ({ role, seatId: null, hand: null, consentNeeded: false, answer: null }) },
    nowMs: () => nowMs,
  });
  const rename = (title: string) => {
    stream.change({ kind: 'policy', title, topic: '', recordingArmed: false }, 'everybody');
    stream.flush();
  };
  return { stream, rename, pass: (ms: number) => (nowMs += ms) };
};

const kinds = (frames: ServerFrame[]): string[] => frames.map(({ type }) => type);

it('moderators and audience read streams with numbers of their own', () => {
  const { stream, rename } = openStream();
  const [host, listener] = [fakeSocket(), fakeSocket()];
  stream.attach({ identity: 'h', role: 'host' }, host.socket);
  stream.attach({ identity: 'l', role: 'anonymous' }, listener.socket);
  stream.change({ kind: 'books', booksBalance: true }, 'moderators');
  stream.flush();
  rename('new');
  expect(host.frames.map((frame) => ('seq' in frame ? frame.seq : -1))).toEqual([0, 1, 2]);
  expect(listener.frames.map((frame) => ('seq' in frame ? frame.seq : -1))).toEqual([0, 1]);
});

it('a newcomer sees in the snapshot what still waits for the tick, and not again afterwards', () => {
  const { stream } = openStream();
  const [early, late] = [fakeSocket(), fakeSocket()];
  stream.attach({ identity: 'a', role: 'anonymous' }, early.socket);
  stream.change({ kind: 'policy', title: 'new', topic: '', recordingArmed: false }, 'everybody');
  stream.attach({ identity: 'b', role: 'anonymous' }, late.socket);
  stream.flush();
  expect(kinds(early.frames)).toEqual(['snapshot', 'delta']);
  expect(kinds(late.frames)).toEqual(['snapshot']);
  expect(late.frames[0]).toMatchObject({ seq: 1 });
});

it('a slow reader gets no deltas, then one snapshot, and loses nothing by it', () => {
  const { stream, rename } = openStream();
  const { socket, frames, ends } = fakeSocket();
  stream.attach({ identity: 'a', role: 'anonymous' }, socket);
  socket.bufferedAmount = SLOW.bytes + 1;
  for (const title of ['1', '2', '3']) rename(title);
  stream.look();
  expect(kinds(frames)).toEqual(['snapshot']);
  socket.bufferedAmount = 0;
  rename('4');
  stream.look();
  rename('5');
  expect(kinds(frames)).toEqual(['snapshot', 'snapshot', 'delta']);
  expect(frames.slice(1)).toMatchObject([{ seq: 4 }, { seq: 5 }]);
  expect(ends).toEqual([]);
});

it('a reader that stays behind for ten seconds, or holds a mebibyte, is ended', () => {
  const { stream, rename, pass } = openStream();
  const [stalled, swollen, well] = [fakeSocket(), fakeSocket(), fakeSocket()];
  stream.attach({ identity: 'a', role: 'anonymous' }, stalled.socket);
  stream.attach({ identity: 'b', role: 'anonymous' }, swollen.socket);
  stream.attach({ identity: 'c', role: 'anonymous' }, well.socket);
  stalled.socket.bufferedAmount = SLOW.bytes + 1;
  swollen.socket.bufferedAmount = SLOW.endBytes + 1;
  rename('1');
  stream.look();
  expect([stalled.ends, swollen.ends]).toEqual([[], ['terminated']]);
  pass(SLOW.endMs + 1);
  stream.look();
  expect(stalled.ends).toEqual(['terminated']);
  rename('2');
  expect(kinds(well.frames)).toEqual(['snapshot', 'delta', 'delta']);
  expect(well.ends).toEqual([]);
});

it('a reader that does not answer a ping until the next is ended', () => {
  const { stream } = openStream();
  const [dead, alive] = [fakeSocket(), fakeSocket()];
  stream.attach({ identity: 'a', role: 'anonymous' }, dead.socket);
  const reading = stream.attach({ identity: 'b', role: 'anonymous' }, alive.socket);
  stream.ping();
  reading.pong();
  stream.ping();
  expect([dead.ends, alive.ends]).toEqual([['terminated'], []]);
});

it('a notice reaches one visit, and the end everybody', () => {
  const { stream } = openStream();
  const [one, other] = [fakeSocket(), fakeSocket()];
  stream.attach({ identity: 'a', role: 'speaker' }, one.socket);
  stream.attach({ identity: 'b', role: 'speaker' }, other.socket);
  stream.notify('a', { kind: 'muted' });
  stream.end(4000, 'empty');
  expect(kinds(one.frames)).toEqual(['snapshot', 'notice', 'ended']);
  expect(kinds(other.frames)).toEqual(['snapshot', 'ended']);
  expect([one.ends, other.ends]).toEqual([[4000], [4000]]);
});
