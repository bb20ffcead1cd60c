import { describe, expect, it } from 'vitest';
import type { TimelineTrack } from '../timeline.schema.ts';
import { builtReplayArgs, jointGainDb, liveReplayArgs, replayGainDb } from './encode-replay.ts';

const track = (file: string, offsetSamples: number, lengthSamples: number, published = true): TimelineTrack => ({
  ...{ file, offsetSamples, lengthSamples, published, trackSid: 'TR', epoch: 1, gaps: [] },
  ...{ identity: 's', speaker: 'S', seatId: 'seat', consentId: 'yes' },
});
const take = {
  ...{ takeId: 'one', ordinal: 0, startedAtMs: 0, lengthSamples: 2_000, state: 'closed' as const, stopReason: null },
  ...{ gaps: [], marks: [], consents: [] },
  tracks: [track('raw/a.flac', 0, 1_500), track('raw/no.flac', 0, 2_000, false), track('raw/b.flac', 480, 900)],
};

describe('a replay', () => {
  it('is written frame by frame, each frame for itself, live as from files', () => {
    const mp3 = '-c:a libmp3lame -b:a 96k -reservoir 0 -write_xing 0 -id3v2_version 0 -flush_packets 1';
    expect(liveReplayArgs().join(' ')).toContain(mp3);
    expect(builtReplayArgs('/rec', take, '/out.mp3').join(' ')).toContain(mp3);
  });

  it('is built of the published files alone, each where it lay in the take', () => {
    const args = builtReplayArgs('/rec', take, '/out.mp3');
    expect(args.filter((arg) => arg.startsWith('file:'))).toEqual([
      'file:/rec/raw/a.flac',
      'file:/rec/raw/b.flac',
      'file:/out.mp3',
    ]);
    const line =
      'aresample=async=1:first_pts=0:min_hard_comp=0.01,aformat=sample_fmts=flt:sample_rates=48000:channel_layouts=mono';
    expect(args[args.indexOf('-filter_complex') + 1]!.split(';')).toEqual([
      `[0:a:0]${line},atrim=end_sample=1500[t0]`,
      `[1:a:0]${line},atrim=end_sample=900,adelay=480S[t1]`,
      `anullsrc=r=48000:cl=mono,aformat=sample_fmts=flt:sample_rates=48000:channel_layouts=mono,atrim=end_sample=3456[silence]`,
      `[silence][t0][t1]amix=inputs=3:normalize=0:duration=first,atrim=start_sample=1344,asetpts=N/SR/TB,` +
        `alimiter=level=0:limit=0.891:attack=5:release=50,ebur128=dualmono=1:framelog=verbose[mix]`,
    ]);
  });

  it('is brought to −16 LUFS by at most 20 dB, and left alone when nobody spoke', () => {
    const summary = (lufs: string) => `Summary:\n\n  Integrated loudness:\n    I:         ${lufs} LUFS\n`;
    expect(['-22.4', '-12.0', '-50.0', '-70.0', '-inf'].map((lufs) => replayGainDb(summary(lufs)))).toEqual([
      6.4,
      -4,
      20,
      null,
      null,
    ]);
  });

  it('of several takes is as loud as those in which somebody spoke', () => {
    const minutes = (count: number): number => count * 60 * 48_000;
    const quiet = { gainDb: 14, lengthSamples: minutes(10) };
    const silent = { gainDb: null, lengthSamples: minutes(60) };
    expect([jointGainDb([silent, quiet]), jointGainDb([silent]), jointGainDb([])]).toEqual([14, 0, 0]);
    expect(jointGainDb([quiet, { gainDb: 0, lengthSamples: minutes(10) }])).toBeCloseTo(2.84, 1);
  });
});
