/** Bars 7 and 8: kill -9 of capture and API (and of LiveKit and Postgres) at random moments of one long take. */
import type { KillReport, Victim } from '../../test/support/kill-rounds.ts';
import { killRounds, killSummary } from '../../test/support/kill-rounds.ts';
import type { WholeHouse } from '../../test/support/whole-house.ts';
import { startWholeHouse } from '../../test/support/whole-house.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';
import { atMost } from './bar.ts';

/** Seconds between two beeps of the talk that is killed into. */
const BEEP_SECONDS = 0.5;

const unlistedSeconds = ({ unlisted }: KillReport): number =>
  Math.max(...Object.values(unlisted).map((beeps) => beeps.length)) * BEEP_SECONDS;

/** The seed is told, so that a miss can be had again. */
const kill = async (
  whole: WholeHouse,
  victim: Victim,
  { rounds, ffmpegBin, say }: BenchOptions,
): Promise<KillReport> => {
  const seed = Date.now() % 2_147_483_646 || 1;
  say(`${rounds} kills of ${victim}, seed ${seed}`);
  const report = await killRounds({ whole, victim, rounds, seed, ffmpegBin });
  say(killSummary(report));
  return report;
};

/** Rooms go on in one house as long as it takes; a house of its own for each part that is killed. */
const inHouse = async <T>(work: (whole: WholeHouse) => Promise<T>): Promise<T> => {
  const whole = await startWholeHouse();
  try {
    return await work(whole);
  } finally {
    await whole.stop();
  }
};

const captureReadings = (report: KillReport): Reading[] => {
  const deaths = `${report.kills.length} kills`;
  const held =
    report.lostSeconds.length === report.kills.length && report.inGaps === 0 && unlistedSeconds(report) === 0;
  return [
    atMost(7, `capture, ${deaths}: lost of the captured`, Math.max(0, ...report.lostSeconds), 2, 's'),
    atMost(7, `capture, ${deaths}: captures again after`, Math.max(0, ...report.awaySeconds), 5, 's'),
    atMost(7, 'capture: listed gaps off the files', report.worstEdgeSeconds, 0.1, 's', 3),
    {
      ...{ bar: 7, what: 'capture: gaps listed, silent, nothing else gone', bound: 'every one' },
      measured: `${report.lostSeconds.length} listed, ${report.inGaps} beeps in them, ${unlistedSeconds(report)} s unlisted`,
      ok: held,
    },
  ];
};

const lossReading = (report: KillReport, what: string): Reading => {
  const listed = report.gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const reading = atMost(8, `${what}, ${report.kills.length} kills: lost`, unlistedSeconds(report) + listed, 0, 's', 1);
  return {
    ...reading,
    floor: `back after ≤ ${Math.max(...report.kills.map(({ backAfter }) => backAfter)).toFixed(1)} s`,
  };
};

/** LiveKit is where the sound comes from: what is lost with it is not ours to save, but it has to be listed. */
const livekitReading = (report: KillReport): Reading =>
  atMost(8, `LiveKit, ${report.kills.length} kills: lost and not listed`, unlistedSeconds(report), 0, 's', 1);

const measure = async (options: BenchOptions): Promise<Reading[]> => {
  const capture = await inHouse((whole) => kill(whole, 'capture', options));
  const api = await inHouse((whole) => kill(whole, 'api', options));
  const postgres = await inHouse((whole) => kill(whole, 'postgres', options));
  // Its clients need 17 s to come back each time
  const livekit = await inHouse((whole) => kill(whole, 'livekit', options));
  return [
    ...captureReadings(capture),
    lossReading(api, 'API'),
    lossReading(postgres, 'Postgres'),
    livekitReading(livekit),
  ];
};

export const killsBar: Bar = { bars: [7, 8], measure };
