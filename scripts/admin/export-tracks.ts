/** The arguments and names with which the tracks of one take become one file per voice. Pure. */
import { join } from 'node:path';
import { inputFile } from '../../server/recording/ffmpeg.ts';
import { FILL_HOLES, LINE_FORMAT } from '../../server/recording/render/align.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { TimelineTake, TimelineTrack } from '../../server/recording/timeline.schema.ts';

export type ExportFormat = 'flac' | 'wav';

/** One voice of one take: its files, and the name of the one that is made of them. */
export type ExportVoice = { name: string; speaker: string; published: boolean; tracks: TimelineTrack[] };

const safeName = (speaker: string): string =>
  speaker
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N} ._-]/gu, '_')
    .replaceAll(/^[. ]+|[. ]+$/g, '')
    .slice(0, 80) || 'voice';

/** By seat; two people of the same name get two files. */
export const voicesOf = ({ tracks }: TimelineTake): ExportVoice[] => {
  const seats = Map.groupBy(tracks, ({ seatId }) => seatId);
  const used = new Map<string, number>();
  return [...seats.values()].map((own) => {
    const { speaker } = own[0]!;
    const plain = safeName(speaker);
    const times = (used.get(plain.toLowerCase()) ?? 0) + 1;
    used.set(plain.toLowerCase(), times);
    const name = times === 1 ? plain : `${plain} (${times})`;
    return { name, speaker, published: own.every((track) => track.published), tracks: own };
  });
};

const CODECS: Record<ExportFormat, string[]> = {
  flac: ['-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac'],
  wav: ['-c:a', 'pcm_s16le', '-rf64', 'auto', '-f', 'wav'],
};

/** Every file of the voice laid on the take's clock, from its first sample to its last: all files are equally long. */
export const exportArgs = (
  dir: string,
  { tracks }: ExportVoice,
  lengthSamples: number,
  output: { file: string; format: ExportFormat },
): string[] => {
  const lines = tracks.map(
    ({ offsetSamples, lengthSamples: own }, index) =>
      `[${index}:a:0]${FILL_HOLES},${LINE_FORMAT},atrim=end_sample=${own},adelay=${offsetSamples}S[t${index}]`,
  );
  const inputs = tracks.map((_, index) => `[t${index}]`).join('');
  const sum = `${inputs}amix=inputs=${tracks.length}:normalize=0,apad=whole_len=${lengthSamples},atrim=end_sample=${lengthSamples}[out]`;
  return [
    ...tracks.flatMap(({ file }) => inputFile('flac', join(dir, file))),
    ...['-filter_complex', [...lines, sum].join(';'), '-map', '[out]', '-map_metadata', '-1'],
    ...CODECS[output.format],
    output.file,
  ];
};

const seconds = (samples: number): string => (samples / SAMPLE_RATE).toFixed(6);

/** Marks and gaps as a label track of Audacity: start, end and text with tabs between them, in seconds. */
export const labelsOf = (take: TimelineTake): string => {
  const marks = take.marks.map(({ atSample, label }) => ({ from: atSample, to: atSample, text: label }));
  const gapOf = (who: string) => (gap: { fromSample: number; toSample: number; reason: string }) => ({
    from: gap.fromSample,
    to: gap.toSample,
    text: `gap: ${who} (${gap.reason})`,
  });
  const gaps = [
    ...take.gaps.map(gapOf('everybody')),
    ...take.tracks.flatMap((track) => track.gaps.map(gapOf(track.speaker))),
  ];
  return [...marks, ...gaps]
    .toSorted((a, b) => a.from - b.from)
    .map(({ from, to, text }) => `${seconds(from)}\t${seconds(to)}\t${text.replaceAll(/\s+/g, ' ')}\n`)
    .join('');
};
