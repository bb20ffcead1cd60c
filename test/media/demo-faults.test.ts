import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../scripts/demo/report.ts';
import { runDemo } from '../support/demo-run.ts';

const [CAPTURE_KILLED_AT, API_KILLED_AT] = [6, 11];
const CUT = { name: 'Bo', from: 13, to: 15 };
const RECORD = { from: 3, to: 19 };

let folder: string;
let report: DemoReport;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loggia-demo-'));
  report = await runDemo(folder, [
    ...['--record', `${RECORD.from}-${RECORD.to}`, '--listeners', '1'],
    ...['--kill', `capture@${CAPTURE_KILLED_AT}`, '--kill', `api@${API_KILLED_AT}`],
    ...['--cut', `${CUT.name}@${CUT.from}-${CUT.to}`],
  ]);
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the demo with faults', () => {
  it('is one take of the length that was ordered, whatever dies in it', () => {
    const [take] = report.takes;
    expect(report.takes.length).toBe(1);
    expect(Math.abs(take!.startedAt - RECORD.from)).toBeLessThanOrEqual(0.3);
    expect(Math.abs(take!.stoppedAt - RECORD.to)).toBeLessThanOrEqual(0.3);
  });

  it('lists what a killed capture missed once: at most 2 s before the kill, at most 5 s after it', () => {
    const lost = report.gaps.filter(({ reason }) => reason === 'captureLost');
    expect(lost.length, JSON.stringify(report.gaps)).toBe(1);
    expect(lost[0]).toMatchObject({ speaker: null, file: null, take: 1 });
    expect(lost[0]!.from).toBeGreaterThanOrEqual(CAPTURE_KILLED_AT - 2);
    expect(lost[0]!.to).toBeLessThanOrEqual(CAPTURE_KILLED_AT + 5);
  });

  it('lists what a cut network cost that speaker', () => {
    const lost = report.gaps
      .filter(({ speaker, from, to }) => speaker === CUT.name && from < CUT.to && to > CUT.from)
      .reduce((sum, { from, to }) => sum + to - from, 0);
    expect(lost).toBeGreaterThan(CUT.to - CUT.from - 0.3);
  });

  it('has an episode all the same', () => {
    expect(report.episode.renditions.length).toBe(3);
    expect(report.tracks.map(({ speaker }) => speaker)).toEqual(expect.arrayContaining(['Ada', 'Bo']));
  });
});
