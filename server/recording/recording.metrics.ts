/** What can be measured of captures, disk and renders: kept from the captures' heartbeats, looked up when asked. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { freeBytesIn } from '../platform/disk.ts';
import type { Jobs } from '../platform/jobs.ts';
import { DEFAULT_LIMITS } from './capture/control.schema.ts';
import type { CaptureStatus } from './capture/control.schema.ts';
import type { CaptureListener } from './captures.ts';
import type { CountsStore } from './counts.store.ts';

type Deps = {
  recordingsDir: string;
  counts: CountsStore;
  /** What every living capture said last. */
  statuses: () => CaptureStatus[];
};

const sum = (statuses: CaptureStatus[], of: (status: CaptureStatus) => number): number =>
  statuses.reduce((total, status) => total + of(status), 0);

/** Hours of recording until captures stop for want of space, at the rate at which they write; +Inf while none does. */
const hoursLeft = (freeBytes: number, bytesPerSecond: number): number =>
  bytesPerSecond > 0
    ? Math.max(0, freeBytes - DEFAULT_LIMITS.stopFreeBytes) / bytesPerSecond / 3600
    : Number.POSITIVE_INFINITY;

export const recordingMetrics = ({ recordingsDir, counts, statuses }: Deps) => {
  const registry = new Registry();
  const registers = [registry];
  const gapMs = new Map<string, { takeId: string | null; gapMs: number }>();

  const gauge = (name: string, help: string, look: () => number | Promise<number>): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: async () => made.set(await look()) });
  };
  gauge('loggia_captures', 'Capture processes, warm ones included', () => statuses().length);
  gauge('loggia_takes_running', 'Takes that are being captured now', () =>
    sum(statuses(), (one) => (one.takeId ? 1 : 0)),
  );
  gauge('loggia_capture_tracks', 'Microphones that are being captured', () => sum(statuses(), (one) => one.tracks));
  gauge('loggia_capture_lag_bytes', 'Captured sound that the disk has not taken yet', () =>
    sum(statuses(), (one) => one.lagBytes),
  );
  gauge('loggia_capture_rss_bytes', 'Memory of the capture processes', () => sum(statuses(), (one) => one.rssBytes));

  const freeBytes = () => freeBytesIn(recordingsDir);
  gauge('loggia_disk_free_bytes', 'Free space where recordings lie', freeBytes);
  gauge(
    'loggia_disk_hours_left',
    'Hours that can still be recorded at the present rate; +Inf while nothing is',
    async () =>
      hoursLeft(
        await freeBytes(),
        sum(statuses(), (one) => one.bytesPerSecond),
      ),
  );

  const states = (name: string, help: string, which: 'takes' | 'masters'): void => {
    const made: Gauge<'state'> = new Gauge({
      ...{ name, help, registers, labelNames: ['state'] as const },
      collect: async () => {
        // Without the database the last numbers stand: everything else is still worth reading
        const known = await counts.byState().catch(() => undefined);
        if (!known) return;
        made.reset();
        for (const [state, count] of Object.entries(known[which])) made.set({ state }, count);
      },
    });
  };
  states('loggia_takes', 'Takes by state', 'takes');
  states('loggia_masters', 'Masters by state; queued and rendering are the render queue', 'masters');

  const gapSeconds = new Counter({
    name: 'loggia_capture_gap_seconds_total',
    help: 'Seconds of sound that were lost and are silence in the files',
    registers,
  });
  const losses = new Counter({
    name: 'loggia_capture_restarts_total',
    help: 'Captures that died or were given up, and were started again where their take went on',
    registers,
  });
  const renders = new Histogram({
    ...{ name: 'loggia_render_seconds', help: 'How long renders took', registers },
    buckets: [2, 5, 15, 60, 300, 900, 3600],
  });

  /** A new take counts from nothing. */
  const countGaps = (recordingId: string, { takeId, gapMs: now }: CaptureStatus): void => {
    const before = gapMs.get(recordingId);
    const known = before?.takeId === takeId ? before.gapMs : 0;
    if (now > known) gapSeconds.inc((now - known) / 1000);
    gapMs.set(recordingId, { takeId, gapMs: Math.max(now, known) });
  };

  const heard: CaptureListener = ({ recordingId }, event) => {
    if (event.event === 'heartbeat') countGaps(recordingId, event.status);
    if (event.event === 'takeStopped') gapMs.delete(recordingId);
    if (event.event === 'gone') losses.inc();
  };

  return {
    registry,
    heard,
    /** The same jobs, with the time of each counted. */
    timing: (jobs: Jobs): Jobs => ({
      ...jobs,
      queue: (name, handler, options) => {
        const timed: typeof handler = async (data, signal) => {
          const end = renders.startTimer();
          try {
            await handler(data, signal);
          } finally {
            end();
          }
        };
        return jobs.queue(name, timed, options);
      },
    }),
  };
};

export type RecordingMetrics = ReturnType<typeof recordingMetrics>;
