/** Recordings as a capture leaves them, made of given samples: FLAC files in `raw/` and the timeline that names them. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingTimeline, TimelineTrack } from '../../server/recording/timeline.schema.ts';

export type RawTrack = { speaker: string; pcm: Int16Array; offsetSamples?: number; published?: boolean };
/** `lengthSamples` defaults to the end of the last track. */
export type RawTake = { tracks: RawTrack[]; lengthSamples?: number };

export const writeFlac = (ffmpegBin: string, file: string, pcm: Int16Array): Promise<void> =>
  new Promise((resolve, reject) => {
    const input = ['-f', 's16le', '-ar', '48000', '-ac', '1', '-i', 'pipe:0'];
    const args = ['-hide_banner', '-v', 'error', '-y', ...input, '-f', 'flac', file];
    const child = execFile(ffmpegBin, args, (error) => (error ? reject(error) : resolve()));
    child.stdin?.end(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
  });

const endOf = ({ pcm, offsetSamples = 0 }: RawTrack): number => offsetSamples + pcm.length;

/** Writes the tracks into a new folder. Takes are called `take-0`, `take-1` …, a seat has its speaker's name. */
export const makeRecording = async (
  ffmpegBin: string,
  takes: RawTake[],
): Promise<{ dir: string; timeline: RecordingTimeline }> => {
  const dir = await mkdtemp(join(tmpdir(), 'loggia-render-'));
  await mkdir(join(dir, 'raw'));
  const writeTrack = async (track: RawTrack, take: number, index: number): Promise<TimelineTrack> => {
    const file = `raw/take-${take}-${index}-1.flac`;
    await writeFlac(ffmpegBin, join(dir, file), track.pcm);
    const { speaker, pcm, offsetSamples = 0, published = true } = track;
    const seat = { speaker, seatId: speaker, identity: `s_${speaker}`, consentId: `consent of ${speaker}` };
    const place = { offsetSamples, lengthSamples: pcm.length, gaps: [] };
    return { file, trackSid: `TR_${take}_${index}`, epoch: 1, published, ...seat, ...place };
  };
  const laid = await Promise.all(
    takes.map(async ({ tracks, lengthSamples }, take) => ({
      takeId: `take-${take}`,
      ordinal: take,
      startedAtMs: take * 3_600_000,
      lengthSamples: lengthSamples ?? Math.max(0, ...tracks.map(endOf)),
      state: 'closed' as const,
      stopReason: 'host',
      tracks: await Promise.all(tracks.map((track, index) => writeTrack(track, take, index))),
      gaps: [],
      marks: [],
      consents: [],
    })),
  );
  return { dir, timeline: { takes: laid } };
};
