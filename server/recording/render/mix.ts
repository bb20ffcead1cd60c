import { inputFile } from '../ffmpeg.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { FLAC_24, LINE_FORMAT } from './align.ts';

/** The mix is kept this far down in its 24 bits: what is louder than full scale waits there for the limiter. */
export const MIX_HEADROOM_DB = 24;

/**
 * Dynamics are worked on in each voice alone: on the sum a compressor would duck one speaker under another, and take 1
 * to 3 LU more from a peaky voice than from an even one.
 */
const levelled = (gainDb: number, dynamics: string | null): string =>
  [LINE_FORMAT, `volume=${gainDb}dB`, ...(dynamics === null ? [] : [dynamics])].join(',');

/** Measures a voice as the mix will hold it before its make-up: with its gain, and compressed. */
export const levelArgs = (line: { file: string; gainDb: number; dynamics: string }): string[] => [
  ...inputFile('flac', line.file),
  ...['-af', `${levelled(line.gainDb, line.dynamics)},ebur128=dualmono=1:framelog=verbose`, '-f', 'null', '-'],
];

/** Sums the voices, each at its level (`normalize=0`: no division by their number), and measures the sum. */
export const mixArgs = (mix: {
  lines: { file: string; gainDb: number; makeupDb: number }[];
  dynamics: string | null;
  lengthSamples: number;
  output: string;
}): string[] => {
  const gains = mix.lines.map(
    ({ gainDb, makeupDb }, i) => `[${i}:a:0]${levelled(gainDb, mix.dynamics)},volume=${makeupDb}dB[v${i}]`,
  );
  const labels = mix.lines.map((_, i) => `[v${i}]`).join('');
  const sum =
    mix.lines.length === 0
      ? `anullsrc=r=${SAMPLE_RATE}:cl=mono,atrim=end_sample=${mix.lengthSamples},${LINE_FORMAT}`
      : `${labels}amix=inputs=${mix.lines.length}:normalize=0`;
  const bus = `${sum},ebur128=dualmono=1:framelog=verbose,volume=-${MIX_HEADROOM_DB}dB[mix]`;
  return [
    ...mix.lines.flatMap(({ file }) => inputFile('flac', file)),
    ...['-filter_complex', [...gains, bus].join(';'), '-map', '[mix]'],
    ...FLAC_24,
    mix.output,
  ];
};
