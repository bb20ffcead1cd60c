import { inputFile } from '../ffmpeg.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import type { Piece, Range } from './plan.ts';

/** Every line of the mixer is this, so that nothing is ever converted by a guess. */
export const LINE_FORMAT = 'aformat=sample_fmts=flt:sample_rates=48000:channel_layouts=mono';
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

/**
 * A file laid on its take's clock, then cut to the range. `async=1` puts silence where a damaged file lost frames
 * (`async=1000` would put twice as much); what the journal does not know of is not heard.
 */
const pieceFilter = (input: number, piece: Piece, range: Range, label: string): string => {
  const delay = piece.offsetSamples > 0 ? [`adelay=${piece.offsetSamples}S`] : [];
  const steps = [
    'aresample=async=1:first_pts=0',
    LINE_FORMAT,
    `atrim=end_sample=${piece.lengthSamples}`,
    ...delay,
    `apad=whole_len=${range.toSample}`,
    `atrim=start_sample=${range.fromSample}:end_sample=${range.toSample}`,
    'asetpts=N/SR/TB',
  ];
  return `[${input}:a:0]${steps.join(',')}[${label}]`;
};

const silence = (length: number, label: string): string =>
  `anullsrc=r=${SAMPLE_RATE}:cl=mono,atrim=end_sample=${length},${LINE_FORMAT}[${label}]`;

/** One range of one voice: silence, one file, or the sum of the files of several connections. */
const rangeFilters = (range: Range, pieces: Piece[], firstInput: number, index: number): string[] => {
  const length = range.toSample - range.fromSample;
  const labels = pieces.map((_, i) => `p${firstInput + i}`);
  const sum = labels.length > 1 ? `amix=inputs=${labels.length}:normalize=0,` : '';
  if (labels.length === 0) return [silence(length, `r${index}`)];
  return [
    ...pieces.map((piece, i) => pieceFilter(firstInput + i, piece, range, labels[i]!)),
    `${labels.map((label) => `[${label}]`).join('')}${sum}${joinFades(length)}[r${index}]`,
  ];
};

/**
 * Builds one voice's line over the whole episode as 24-bit FLAC, and measures it on the way (`ebur128` writes its
 * summary at level info). Each range opens its files anew: a range out of order then needs no buffer of an hour.
 */
export const alignArgs = (line: {
  ranges: Range[];
  pieces: Piece[][];
  /** What the voice passes, and by how many samples it answers late. */
  clean: string;
  delaySamples: number;
  output: string;
}): string[] => {
  const files = line.pieces.flat();
  let firstInput = 0;
  const ranges = line.ranges.flatMap((range, index) => {
    const pieces = line.pieces[index] ?? [];
    const filters = rangeFilters(range, pieces, firstInput, index);
    firstInput += pieces.length;
    return filters;
  });
  const joined = line.ranges.map((_, index) => `[r${index}]`).join('');
  const chain = compensated(line.clean, line.delaySamples);
  const meter = 'ebur128=dualmono=1:framelog=verbose';
  const graph = [...ranges, `${joined}concat=n=${line.ranges.length}:v=0:a=1,${chain},${meter}[line]`];
  return [
    ...files.flatMap(({ file }) => inputFile('flac', file)),
    ...['-filter_complex', graph.join(';'), '-map', '[line]'],
    ...FLAC_24,
    line.output,
  ];
};
