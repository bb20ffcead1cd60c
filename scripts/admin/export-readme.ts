/** What stands beside exported files: where everything lies and what may be published. Pure. */
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
import type { ExportVoice } from './export-tracks.ts';

/** `missing`: files that the journal names and the disk no longer has. */
export type ExportedTake = {
  take: TimelineTake;
  folder: string;
  voices: (ExportVoice & { file: string })[];
  missing: number;
};

const clock = (samples: number): string => {
  const seconds = Math.floor(samples / SAMPLE_RATE);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};

const takeText = ({ take, folder, voices, missing }: ExportedTake): string => {
  const gaps = take.gaps.length + take.tracks.reduce((sum, track) => sum + track.gaps.length, 0);
  const facts = [
    `began ${new Date(take.startedAtMs).toISOString()}`,
    `${take.lengthSamples} samples (${clock(take.lengthSamples)})`,
    `${take.marks.length} marks`,
    `${gaps} gaps`,
  ];
  const lines = voices.map(({ file, speaker, published, tracks }) => {
    const first = Math.min(...tracks.map(({ offsetSamples }) => offsetSamples));
    const said = published ? 'may be published' : '**may not be published**';
    return `- \`${file}\`: ${speaker.replaceAll(/\s+/g, ' ')}, heard from sample ${first}, ${said}`;
  });
  const lost = missing > 0 ? [`- ${missing} files that the journal names are gone`] : [];
  return [`## ${folder}`, '', `${facts.join(', ')}.`, '', ...lines, ...lost, ''].join('\n');
};

const intro = `All files of one take begin at the take's first sample and are equally long: put them at zero, one below the other, and
they are in step. Positions are in samples at 48,000 per second. Where sound was lost there is silence, never removed
time; \`labels.txt\` of a take lists marks and gaps (in Audacity: File, Import, Labels). \`timeline.json\` is the
recording's journal in one piece.
`;

export const readmeOf = (made: {
  id: string;
  room: string | null;
  takes: ExportedTake[];
  masters: string[];
}): string => {
  const { id, room, takes, masters } = made;
  const title = `# Recording ${id}${room ? ` of “${room.replaceAll(/\s+/g, ' ')}”` : ''}\n`;
  const finished = masters.map((folder) => `- \`${folder}/\`: a finished mix, \`master.flac\` and what was made of it`);
  const mixes = finished.length > 0 ? ['## Masters', '', ...finished, ''] : [];
  return [title, intro, ...takes.map(takeText), ...mixes].join('\n');
};
