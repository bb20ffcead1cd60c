import { inputFile, type InputFormat } from '../ffmpeg.ts';
import { FILL_HOLES } from './align.ts';
import { LEAD_SAMPLES } from './mp3-length.ts';

/** What an episode's files say about it. */
export type Tags = { title?: string; artist?: string; album?: string; date?: string; comment?: string };

export const RENDITION_KINDS = ['mp3', 'm4a', 'opus'] as const;
export type RenditionKind = (typeof RENDITION_KINDS)[number];

/** `before`: filters without which the encoder would change length or level. */
type Recipe = { file: string; mediaType: string; demuxer: InputFormat; before?: string; codec: string[] };

/** 96 kb/s mono is what podcast hosts take as their default; the Ogg is for those who count bytes. */
export const RECIPES: Record<RenditionKind, Recipe> = {
  mp3: {
    file: 'episode.mp3',
    mediaType: 'audio/mpeg',
    demuxer: 'mp3',
    // LAME makes everything 0.95 times as loud at this rate; `fitMp3` takes the silence away again
    before: `volume=0.45dB,adelay=${LEAD_SAMPLES}S`,
    // Bare frames, each whole in itself
    codec: [
      ...['-c:a', 'libmp3lame', '-b:a', '96k', '-reservoir', '0'],
      ...['-write_xing', '0', '-id3v2_version', '3', '-f', 'mp3'],
    ],
  },
  m4a: {
    file: 'episode.m4a',
    mediaType: 'audio/x-m4a',
    demuxer: 'mov',
    codec: ['-c:a', 'aac', '-b:a', '96k', '-movflags', '+faststart', '-f', 'ipod'],
  },
  opus: {
    file: 'episode.ogg',
    mediaType: 'audio/ogg; codecs=opus',
    demuxer: 'ogg',
    codec: ['-c:a', 'libopus', '-b:a', '48k', '-f', 'ogg'],
  },
};

/** What a file says about itself: the tags, and no encoder names, dates or random serial numbers. */
export const titled = (tags: Tags): string[] => [
  ...['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact'],
  ...Object.entries(tags).flatMap(([key, value]) => (value ? ['-metadata', `${key}=${value}`] : [])),
  ...['-ac', '1', '-ar', '48000'],
];

/** Encodes the master. Bit-exact: the same master gives the same bytes. */
export const encodeArgs = (kind: RenditionKind, job: { master: string; tags: Tags; output: string }): string[] => {
  const { before, codec } = RECIPES[kind];
  const filters = before === undefined ? [] : ['-af', before];
  return [...inputFile('flac', job.master), '-map', '0:a:0', ...filters, ...titled(job.tags), ...codec, job.output];
};

/** Decodes a file to 16-bit samples on `pipe:1`; with `measured`, loudness and true peak are measured on the way. */
export const decodeArgs = (demuxer: InputFormat, file: string, measured: boolean): string[] => [
  ...inputFile(demuxer, file),
  ...['-map', '0:a:0'],
  ...(measured ? ['-af', 'ebur128=dualmono=1:peak=true:framelog=verbose'] : []),
  ...['-c:a', 'pcm_s16le', '-ac', '1', '-ar', '48000', '-f', 's16le', 'pipe:1'],
];

/** The raw decode of a track that may be damaged: what was lost inside becomes silence, as it does in the render. */
export const probeArgs = (file: string): string[] => [
  ...inputFile('flac', file),
  ...['-map', '0:a:0', '-af', FILL_HOLES],
  ...['-c:a', 'pcm_s16le', '-ac', '1', '-ar', '48000', '-f', 's16le', 'pipe:1'],
];
