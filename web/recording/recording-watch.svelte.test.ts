import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import { RecordingWatch } from './recording-watch.svelte.ts';

const getRecording = vi.hoisted(() => vi.fn<(id: string) => Promise<RecordingView>>());
vi.mock('../api/recordings.ts', () => ({ getRecording, recordingEventsUrl: () => 'ws://loggia.example/events' }));

/** Opens and closes when the test says so. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  constructor() {
    FakeSocket.all.push(this);
  }
  opens(): void {
    this.readyState = 1;
    this.onopen();
  }
  says(view: object): void {
    this.onmessage({ data: JSON.stringify(view) });
  }
  close(code = 1006): void {
    this.readyState = 3;
    this.onclose({ code });
  }
}

const moving = {
  state: 'open',
  replay: { state: 'none' },
  takes: [],
  masters: [],
  master: null,
} as unknown as RecordingView;
const settled: RecordingView = { ...moving, state: 'closed' };
let watch: RecordingWatch;
const asked = () => getRecording.mock.calls.length;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  getRecording.mockReset().mockResolvedValue(moving);
  watch = new RecordingWatch('r1');
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('is told by the socket, and asks no more while it is there', async () => {
  await watch.load();
  FakeSocket.all[0]!.opens();
  FakeSocket.all[0]!.says({ ...moving, name: 'Bells' });
  await pass(60_000);
  expect(watch.view?.name).toBe('Bells');
  expect(asked()).toBe(1);
});

it('asks again and again where no socket opens, and tries it three times only', async () => {
  await watch.load();
  for (let round = 0; round < 6; round += 1) {
    FakeSocket.all.at(-1)!.close();
    await pass(1500);
  }
  expect(FakeSocket.all).toHaveLength(3);
  expect(asked()).toBeGreaterThan(5);
});

it('finds the socket again after a server that was away for long', async () => {
  await watch.load();
  FakeSocket.all[0]!.opens();
  getRecording.mockRejectedValue(new Error('away'));
  FakeSocket.all[0]!.close();
  await pass(30_000);
  expect(watch.problem).not.toBeNull();
  expect(FakeSocket.all).toHaveLength(1);
  getRecording.mockResolvedValue(moving);
  await pass(1500);
  expect(watch.problem).toBeNull();
  expect(FakeSocket.all).toHaveLength(2);
});

it('rests once nothing moves any more', async () => {
  getRecording.mockResolvedValue(settled);
  await watch.load();
  await pass(60_000);
  expect(asked()).toBe(1);
  expect(FakeSocket.all).toEqual([]);
});
