import { describe, expect, it } from 'vitest';
import { alignArgs, joinFades, partsOf } from './align.ts';
import { decodeArgs, encodeArgs } from './encode.ts';
import { masterArgs } from './master.ts';
import { mixArgs } from './mix.ts';
import { noticeFilters } from './notice.ts';
import { TREATMENTS } from './preset.ts';

const graphOf = (args: string[]): string[] => args[args.indexOf('-filter_complex') + 1]!.split(';');
const MONO = 'aformat=sample_fmts=flt:sample_rates=48000:channel_layouts=mono';

describe('alignArgs', () => {
  const args = alignArgs({
    ranges: [
      { takeId: 'one', takeLength: 480_000, fromSample: 48_000, toSample: 96_000 },
      { takeId: 'two', takeLength: 9600, fromSample: 0, toSample: 9600 },
    ],
    pieces: [[{ file: '/raw/a.flac', offsetSamples: 7, lengthSamples: 90_000 }], []],
    cleaning: { clean: TREATMENTS.speech.clean, delaySamples: 1200 },
    output: '/work/line.flac',
  });
  it('lays files on the clock of their take, cuts there, and gives back what the filters delay', () => {
    expect(graphOf(args)).toEqual([
      `[0:a:0]aresample=async=1:first_pts=0:min_hard_comp=0.01,${MONO},atrim=end_sample=90000,adelay=7S,apad=whole_len=96000[p0]`,
      '[p0]anull[m0]',
      '[m0]atrim=start_sample=48000:end_sample=96000,asetpts=N/SR/TB,afade=t=in:ss=0:ns=240,afade=t=out:ss=47760:ns=240[r0]',
      `anullsrc=r=48000:cl=mono,atrim=end_sample=9600,${MONO}[r1]`,
      '[r0][r1]concat=n=2:v=0:a=1,apad=pad_len=1200,highpass=f=80,afftdn=nr=10:nf=-50,atrim=start_sample=1200,asetpts=N/SR/TB,ebur128=dualmono=1:framelog=verbose[line]',
    ]);
  });
  it('ends in 24-bit FLAC without a date', () => {
    expect(args.slice(args.indexOf('-map')).join(' ')).toBe(
      '-map [line] -map_metadata -1 -fflags +bitexact -flags:a +bitexact -c:a flac -sample_fmt s32 -f flac /work/line.flac',
    );
  });
  it('fades a range of a few samples within those', () => {
    expect(joinFades(5)).toBe('afade=t=in:ss=0:ns=2,afade=t=out:ss=3:ns=2');
  });
});

describe('a line of many ranges', () => {
  const range = (takeId: string, fromSample: number) => ({
    takeId,
    takeLength: 9_999,
    fromSample,
    toSample: fromSample + 10,
  });
  const piece = { file: '/raw/a.flac', offsetSamples: 0, lengthSamples: 9_999 };
  const inputs = (...ranges: ReturnType<typeof range>[]): number =>
    alignArgs({ ranges, pieces: ranges.map(() => [piece]), cleaning: null, output: '' }).filter((arg) => arg === '-i')
      .length;

  it('reads a file once for ranges that follow each other, and again for one that goes back in time', () => {
    expect(inputs(range('one', 0), range('one', 10), range('one', 500))).toBe(1);
    expect(inputs(range('one', 500), range('one', 0), range('one', 9))).toBe(3);
    expect(inputs(range('one', 0), range('two', 0), range('one', 10))).toBe(3);
  });
  it('is built in parts that are no longer than a command line may be', () => {
    const ranges = Array.from({ length: 250 }, (_, i) => range('one', 10_000_000 - i * 100));
    const parts = partsOf({ ranges, pieces: ranges.map(() => [piece]) });
    expect(parts.map((part) => part.ranges.length)).toEqual([100, 100, 50]);
    const args = parts.flatMap((part) => alignArgs({ ...part, cleaning: null, output: '' }));
    expect(args.every((arg) => arg.length < 128 * 1024)).toBe(true);
  });
});

describe('mixArgs', () => {
  it('evens out each voice, sums without dividing, measures, then steps back into the headroom', () => {
    const lines = [
      { file: '/a.flac', gainDb: 3.5, makeupDb: 4 },
      { file: '/b.flac', gainDb: -2, makeupDb: 3.2 },
    ];
    const { dynamics } = TREATMENTS.speech;
    expect(graphOf(mixArgs({ lines, dynamics, lengthSamples: 9, output: '/mix.flac' }))).toEqual([
      `[0:a:0]${MONO},volume=3.5dB,acompressor=threshold=-22dB:ratio=3:attack=5:release=80,volume=4dB[v0]`,
      `[1:a:0]${MONO},volume=-2dB,acompressor=threshold=-22dB:ratio=3:attack=5:release=80,volume=3.2dB[v1]`,
      '[v0][v1]amix=inputs=2:normalize=0,ebur128=dualmono=1:framelog=verbose,volume=-24dB[mix]',
    ]);
  });
  it('leaves the dynamics of music alone', () => {
    const lines = [{ file: '/a.flac', gainDb: 3.5, makeupDb: 0 }];
    const [voice] = graphOf(
      mixArgs({ lines, dynamics: TREATMENTS.music.dynamics, lengthSamples: 9, output: '/m.flac' }),
    );
    expect(voice).toBe(`[0:a:0]${MONO},volume=3.5dB,volume=0dB[v0]`);
  });
  it('is silence of the right length without any voice', () => {
    expect(graphOf(mixArgs({ lines: [], dynamics: null, lengthSamples: 9, output: '/mix.flac' }))[0]).toMatch(
      /^anullsrc=r=48000:cl=mono,atrim=end_sample=9,/,
    );
  });
});

describe('masterArgs', () => {
  it('limits at four times the rate and keeps the length to the sample', () => {
    const args = masterArgs({
      ...{ mix: '/mix.flac', lengthSamples: 99, edges: [], output: '/m.flac' },
      setting: { gainDb: 3.4, ceilingDb: -3.2 },
      timing: { latency: true, delaySamples: 0 },
    });
    expect(graphOf(args)).toEqual([
      `[0:a:0]${MONO},volume=27.4dB[bed]`,
      '[bed]anull[told]',
      '[told]aresample=192000,alimiter=level=0:limit=0.69183:attack=5:release=50:latency=1,aresample=48000,apad=whole_len=99,atrim=end_sample=99,ebur128=dualmono=1:peak=true:framelog=verbose[master]',
    ]);
  });
});

describe('noticeFilters', () => {
  it('lays a rising tone at the start and a falling one so that it ends with the take', () => {
    const filters = noticeFilters(
      [
        { kind: 'start', atSample: 0 },
        { kind: 'end', atSample: 96_000 },
      ],
      'bed',
      'told',
    );
    expect(filters).toHaveLength(3);
    expect(filters[0]).toMatch(/659\.26.*880.*\[t0\]$/);
    expect(filters[1]).toMatch(/880.*659\.26.*adelay=76800S\[t1\]$/);
    expect(filters[2]).toBe('[bed][t0][t1]amix=inputs=3:normalize=0:duration=first[told]');
  });
});

describe('encodeArgs', () => {
  const job = { master: '/m.flac', tags: { title: 'A = b; #c', artist: '' }, output: '/out' };
  const common = '-map_metadata -1 -fflags +bitexact -flags:a +bitexact';
  it.each([
    [
      'mp3',
      '-af volume=0.45dB,adelay=576S ',
      '-c:a libmp3lame -b:a 96k -reservoir 0 -write_xing 0 -id3v2_version 3 -f mp3',
    ],
    ['m4a', '', '-c:a aac -b:a 96k -movflags +faststart -f ipod'],
    ['opus', '', '-c:a libopus -b:a 48k -f ogg'],
  ] as const)('gives a %s its recipe, its title in one argument, and no empty tag', (kind, before, recipe) => {
    const args = encodeArgs(kind, job);
    expect(args).toContain('title=A = b; #c');
    expect(args.join(' ')).toBe(
      `-protocol_whitelist file,pipe -format_whitelist flac -f flac -i file:/m.flac -map 0:a:0 ${before}${common} -metadata title=A = b; #c -ac 1 -ar 48000 ${recipe} /out`,
    );
  });
});

describe('decodeArgs', () => {
  it('measures what it decodes only when asked to', () => {
    expect(decodeArgs('ogg', '/e.ogg', true)).toContain('ebur128=dualmono=1:peak=true:framelog=verbose');
    expect(decodeArgs('ogg', '/e.ogg', false)).not.toContain('-af');
  });
});
