import { inputFile } from '../ffmpeg.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { FLAC_24, LINE_FORMAT } from './align.ts';

/** The mix is kept this far down in its 24 bits: what is louder than full scale waits there for the limiter. */
export const MIX_HEADROOM_DB = 24;

/** Evens out the words of a sentence; what it costs in level the master's gain gives back. */
const BUS = 'acompressor=threshold=-26dB:ratio=4:attack=2:release=60';

/** Sums the voices, each with its gain (`normalize=0`: no division by their number), and measures the sum. */
export const mixArgs = (mix: {
  lines: { file: string; gainDb: number }[];
  lengthSamples: number;
  output: string;
}): string[] => {
  const gains = mix.lines.map(({ gainDb }, i) => `[${i}:a:0]${LINE_FORMAT},volume=${gainDb}dB[v${i}]`);
  const labels = mix.lines.map((_, i) => `[v${i}]`).join('');
  const sum =
    mix.lines.length === 0
      ? `anullsrc=r=${SAMPLE_RATE}:cl=mono,atrim=end_sample=${mix.lengthSamples},${LINE_FORMAT}`
      : `${labels}amix=inputs=${mix.lines.length}:normalize=0`;
  const bus = `${sum},${BUS},ebur128=dualmono=1:framelog=verbose,volume=-${MIX_HEADROOM_DB}dB[mix]`;
  return [
    ...mix.lines.flatMap(({ file }) => inputFile('flac', file)),
    ...['-filter_complex', [...gains, bus].join(';'), '-map', '[mix]'],
    ...FLAC_24,
    mix.output,
  ];
};
