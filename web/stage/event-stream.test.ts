import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CLOSE } from '../../server/stage/stage.schema.ts';
import { END_CODES, EventStream } from './event-stream.ts';

class FakeSocket {
  static readonly OPEN = 1;
  static readonly made: FakeSocket[] = [];
  readonly readyState = 1;
  readonly sent: string[] = [];
  readonly close = vi.fn<() => void>();
  onmessage: ((event: { data: string }) => void) | null = null;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor() {
    FakeSocket.made.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
}

const socket = (): FakeSocket => FakeSocket.made.at(-1)!;
const closed: number[] = [];
let stream: EventStream;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.made.length = 0;
  closed.length = 0;
  stream = new EventStream({
    admission: async () => ({ socketUrl: 'ws://here/events', socketTicket: 'ticket' }),
    onframe: () => 'go on',
    position: () => ({ epoch: 'a', seq: 1 }),
    onclose: (code) => closed.push(code),
    onrefused: () => undefined,
  });
  await stream.open();
  socket().onopen?.();
});
afterEach(() => {
  stream.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('knows the ends of a visit by the close codes of the server', () => {
  expect(END_CODES).toEqual({
    [CLOSE.ended]: 'ended',
    [CLOSE.removed]: 'removed',
    [CLOSE.takenOver]: 'taken over',
  });
});

it('a connection whose pings are answered is kept', async () => {
  const first = socket();
  for (let minute = 0; minute < 4; minute += 1) {
    await vi.advanceTimersByTimeAsync(15_000);
    first.onmessage?.({ data: '{"type":"pong"}' });
  }
  expect(first.sent).toHaveLength(4);
  expect(FakeSocket.made).toEqual([first]);
});

it('a connection that died without a word is given up after the unanswered ping, and another one is opened', async () => {
  const dead = socket();
  await vi.advanceTimersByTimeAsync(31_000);
  expect(dead.close).toHaveBeenCalledOnce();
  expect(FakeSocket.made).toHaveLength(2);
  expect(closed).toEqual([1006]);
});

it('a stream that was closed opens nothing any more', async () => {
  socket().onclose?.({ code: 1012 });
  stream.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.made).toHaveLength(1);
});
