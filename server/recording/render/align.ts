import { inputFile } from '../ffmpeg.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import type { Piece, Range } from './plan.ts';

/** Every line of the mixer is this, so that nothing is ever converted by a guess. */
export const LINE_FORMAT = 'aformat=sample_fmts=flt:sample_rates=48000:channel_layouts=mono';
/**
 * Puts silence where a damaged file lost frames (`async=1000` would put twice as much). Without `min_hard_comp` only from
 * 100 ms on, and a file that lost one block of 85 ms would run ahead from there.
 */
export const FILL_HOLES = 'aresample=async=1:first_pts=0:min_hard_comp=0.01';
/** 24-bit FLAC without anything that depends on the hour. */
export const FLAC_24 = [
  ...['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact'],
  ...['-c:a', 'flac', '-sample_fmt', 's32', '-f', 'flac'],
];
const FADE_SAMPLES = 0.005 * SAMPLE_RATE;

/** Joins are faded out and in over 5 ms each, within the range, so that they neither click nor move anything. */
export const joinFades = (length: number): string => {
  const fade = Math.min(FADE_SAMPLES, Math.floor(length / 2));
  return `afade=t=in:ss=0:ns=${fade},afade=t=out:ss=${length - fade}:ns=${fade}`;
};

/** A filter that answers `delaySamples` late is fed that much more and loses as much at its head. */
export const compensated = (chain: string, delaySamples: number): string =>
  delaySamples === 0
    ? chain
    : `apad=pad_len=${delaySamples},${chain},atrim=start_sample=${delaySamples},asetpts=N/SR/TB`;

/** The largest number of ranges that one call is given: a command line is no longer than 128 KiB. */
const RANGES_AT_ONCE = 100;

/**
 * A file laid on its take's clock, and silence behind it up to where it is needed; what the journal does not know of is
 * not heard.
 */
const pieceFilter = (input: number, piece: Piece, neededSamples: number): string => {
  const steps = [
    FILL_HOLES,
    LINE_FORMAT,
    `atrim=end_sample=${piece.lengthSamples}`,
    ...(piece.offsetSamples > 0 ? [`adelay=${piece.offsetSamples}S`] : []),
    `apad=whole_len=${neededSamples}`,
  ];
  return `[${input}:a:0]${steps.join(',')}[p${input}]`;
};

const silence = ({ fromSample, toSample }: Range, label: string): string =>
  `anullsrc=r=${SAMPLE_RATE}:cl=mono,atrim=end_sample=${toSample - fromSample},${LINE_FORMAT}[${label}]`;

/** Ranges of one take that follow each other in time are cut out of one reading of its files. */
type Run = { ranges: Range[]; pieces: Piece[]; firstRange: number };

const runsOf = (ranges: Range[], pieces: Piece[][]): Run[] => {
  const runs: Run[] = [];
  ranges.forEach((range, index) => {
    const run = runs.at(-1);
    const last = run?.ranges.at(-1);
    const heard = pieces[index] ?? [];
    if (run && last?.takeId === range.takeId && last.toSample <= range.fromSample) {
      run.ranges.push(range);
      run.pieces.push(...heard.filter(({ file }) => run.pieces.every((known) => known.file !== file)));
    } else runs.push({ ranges: [range], pieces: [...heard], firstRange: index });
  });
  return runs;
};

/** One run of one voice: silence, or the sum of the files of several connections, cut into its ranges. */
const runFilters = ({ ranges, pieces, firstRange }: Run, firstInput: number): string[] => {
  if (pieces.length === 0) return ranges.map((range, i) => silence(range, `r${firstRange + i}`));
  const needed = ranges.at(-1)!.toSample;
  const inputs = pieces.map((_, i) => `[p${firstInput + i}]`).join('');
  const sources = ranges.map((_, i) => (ranges.length > 1 ? `[s${firstRange + i}]` : `[m${firstRange}]`));
  const sum = `${inputs}${pieces.length > 1 ? `amix=inputs=${pieces.length}:normalize=0` : 'anull'}[m${firstRange}]`;
  const cuts = ranges.map(({ fromSample, toSample }, i) => {
    const trim = `atrim=start_sample=${fromSample}:end_sample=${toSample},asetpts=N/SR/TB`;
    return `${sources[i]}${trim},${joinFades(toSample - fromSample)}[r${firstRange + i}]`;
  });
  return [
    ...pieces.map((piece, i) => pieceFilter(firstInput + i, piece, needed)),
    sum,
    ...(ranges.length > 1 ? [`[m${firstRange}]asplit=${ranges.length}${sources.join('')}`] : []),
    ...cuts,
  ];
};

/** What a voice passes, by how many samples it answers late. */
export type Cleaning = { clean: string; delaySamples: number };

const cleaned = ({ clean, delaySamples }: Cleaning): string =>
  `${compensated(clean, delaySamples)},ebur128=dualmono=1:framelog=verbose`;

/**
 * Builds one voice's line over the whole episode as 24-bit FLAC; unless it is only a part of one, it is cleaned and
 * measured on the way (`ebur128` writes its summary at level info). A run that goes back in time opens its files anew:
 * ranges out of order then need no buffer of an hour.
 */
export const alignArgs = (line: {
  ranges: Range[];
  pieces: Piece[][];
  cleaning: Cleaning | null;
  output: string;
}): string[] => {
  const runs = runsOf(line.ranges, line.pieces);
  let firstInput = 0;
  const filters = runs.flatMap((run) => {
    const graph = runFilters(run, firstInput);
    firstInput += run.pieces.length;
    return graph;
  });
  const joined = line.ranges.map((_, index) => `[r${index}]`).join('');
  const chain = line.cleaning ? `,${cleaned(line.cleaning)}` : '';
  const graph = [...filters, `${joined}concat=n=${line.ranges.length}:v=0:a=1${chain}[line]`];
  return [
    ...runs.flatMap(({ pieces }) => pieces).flatMap(({ file }) => inputFile('flac', file)),
    ...['-filter_complex', graph.join(';'), '-map', '[line]'],
    ...FLAC_24,
    line.output,
  ];
};

/** A line in parts that one call each can build; one part when it can be built at once. */
export const partsOf = <Line extends { ranges: Range[]; pieces: Piece[][] }>(line: Line): Line[] =>
  Array.from({ length: Math.ceil(line.ranges.length / RANGES_AT_ONCE) }, (_, part) => {
    const [from, to] = [part * RANGES_AT_ONCE, (part + 1) * RANGES_AT_ONCE];
    return { ...line, ranges: line.ranges.slice(from, to), pieces: line.pieces.slice(from, to) };
  });

/** Joins the parts of a line, cleans and measures it. */
export const joinArgs = (parts: string[], cleaning: Cleaning, output: string): string[] => {
  const inputs = parts.map((_, i) => `[${i}:a:0]`).join('');
  const graph = `${inputs}concat=n=${parts.length}:v=0:a=1,${LINE_FORMAT},${cleaned(cleaning)}[line]`;
  const files = parts.flatMap((file) => inputFile('flac', file));
  return [...files, '-filter_complex', graph, '-map', '[line]', ...FLAC_24, output];
};
