/** The arguments by which ffmpeg makes a replay, live or from files: both encode alike. */
import { inputFile } from '../ffmpeg.ts';
import { FILL_HOLES, LINE_FORMAT } from '../render/align.ts';
import { TARGET_LUFS, readLoudness } from '../render/loudness.ts';
import type { TimelineTake } from '../timeline.schema.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { FRAME_SAMPLES, framesOf } from './frames.ts';

/**
 * By how much sound comes out of the chain later than it went in: the limiter looks 5 ms ahead (239 samples), an MP3
 * encoder of LAME's kind and any decoder together answer 576 + 529 samples late. So much is left out at the beginning
 * of what is encoded, and byte and time agree.
 */
export const CHAIN_DELAY_SAMPLES = 239 + 576 + 529;

/** Voices together may pass full scale; then the loudness is read that the player's gain is taken from. */
const BUS = 'alimiter=level=0:limit=0.891:attack=5:release=50,ebur128=dualmono=1:framelog=verbose';

const MP3 = [
  ...['-c:a', 'libmp3lame', '-b:a', '96k', '-reservoir', '0'],
  ...['-write_xing', '0', '-id3v2_version', '0', '-flush_packets', '1', '-map_metadata', '-1', '-f', 'mp3'],
];

/** Reads 32-bit floats from stdin as they come, 76 ms from input to output; writes where stdout leads. */
export const liveReplayArgs = (): string[] => [
  ...['-probesize', '32', '-analyzeduration', '0'],
  ...['-f', 'f32le', '-ar', `${SAMPLE_RATE}`, '-ac', '1', '-i', 'pipe:0', '-af', BUS, ...MP3, 'pipe:1'],
];

/** How far sound is to be given to the encoder so that every frame of the take comes out of it. */
export const encodedTo = (lengthSamples: number): number => framesOf(lengthSamples) * FRAME_SAMPLES + FRAME_SAMPLES;

/** Sums the take's published files, `dir` before their names, each laid on the take's clock to the sample. */
export const builtReplayArgs = (dir: string, take: TimelineTake, output: string): string[] => {
  const tracks = take.tracks.filter((track) => track.published && track.lengthSamples > 0);
  const lines = tracks.map(({ offsetSamples, lengthSamples }, index) => {
    const delay = offsetSamples > 0 ? `,adelay=${offsetSamples}S` : '';
    const cut = `atrim=end_sample=${lengthSamples}`;
    return `[${index}:a:0]${FILL_HOLES},${LINE_FORMAT},${cut}${delay}[t${index}]`;
  });
  const length = encodedTo(take.lengthSamples);
  const silence = `anullsrc=r=${SAMPLE_RATE}:cl=mono,${LINE_FORMAT},atrim=end_sample=${length}[silence]`;
  const inputs = ['[silence]', ...tracks.map((_, index) => `[t${index}]`)];
  const sum = `amix=inputs=${inputs.length}:normalize=0:duration=first`;
  const mix = `${inputs.join('')}${sum},atrim=start_sample=${CHAIN_DELAY_SAMPLES},asetpts=N/SR/TB,${BUS}[mix]`;
  return [
    ...tracks.flatMap(({ file }) => inputFile('flac', `${dir}/${file}`)),
    ...['-filter_complex', [...lines, silence, mix].join(';'), '-map', '[mix]', ...MP3, `file:${output}`],
  ];
};

const MOST_GAIN_DB = 20;

/** What the player adds to reach −16 LUFS, from ffmpeg's summary: within ±20 dB; null where nobody spoke. */
export const replayGainDb = (stderr: string): number | null => {
  const { loudnessLufs } = readLoudness(stderr);
  if (loudnessLufs === null) return null;
  return Math.round(Math.max(-MOST_GAIN_DB, Math.min(MOST_GAIN_DB, TARGET_LUFS - loudnessLufs)) * 10) / 10;
};

/**
 * One gain for takes of different loudness: that of their energy, each weighed by its length. As BS.1770 has it, silence
 * counts for nothing; 0 when nobody spoke in any.
 */
export const jointGainDb = (replays: readonly { gainDb: number | null; lengthSamples: number }[]): number => {
  const heard = replays.flatMap(({ gainDb, lengthSamples }) => (gainDb === null ? [] : [{ gainDb, lengthSamples }]));
  const samples = heard.reduce((sum, { lengthSamples }) => sum + lengthSamples, 0);
  if (samples === 0) return 0;
  const energy = heard.reduce((sum, { gainDb, lengthSamples }) => sum + lengthSamples * 10 ** (-gainDb / 10), 0);
  return Number((-10 * Math.log10(energy / samples)).toFixed(2));
};
