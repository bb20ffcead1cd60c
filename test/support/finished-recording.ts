/** A recording whose master is ready, as capture and render leave it: rows, and files under their names. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomId } from '../../server/platform/ids.ts';
import { recorderIdentity } from '../../server/recording/captures.ts';
import type { TestApp } from './app.ts';

const FILES = [
  { kind: 'mp3', mediaType: 'audio/mpeg', file: 'publish/a/episode.mp3' },
  { kind: 'm4a', mediaType: 'audio/x-m4a', file: 'publish/a/episode.m4a' },
  { kind: 'opus', mediaType: 'audio/ogg; codecs=opus', file: 'publish/a/episode.ogg' },
];

/** The bytes are random: what is tested with them is how they travel. */
const writeFiles = async (dir: string): Promise<{ bytes: bigint; sha256: string }[]> => {
  await mkdir(join(dir, 'publish/a'), { recursive: true });
  await writeFile(join(dir, 'publish/a/peaks.json'), '{"version":1}');
  return Promise.all(
    FILES.map(async ({ file }) => {
      const content = randomBytes(10_000);
      await writeFile(join(dir, file), content);
      return { bytes: BigInt(content.length), sha256: createHash('sha256').update(content).digest('hex') };
    }),
  );
};

/** Adds the recording to the room's live session and returns its id. */
export const finishedRecording = async ({ database, config }: TestApp, liveSessionId: string): Promise<string> => {
  const { prisma } = database;
  const [id, masterId] = [randomId(), randomUUID()];
  const written = await writeFiles(join(config.recordingsDir, id));
  await prisma.recording.create({ data: { id, liveSessionId, state: 'closed', identity: recorderIdentity(id) } });
  await prisma.master.create({
    data: {
      id: masterId,
      recordingId: id,
      state: 'ready',
      cut: [],
      durationMs: 61_500,
      peaksFile: 'publish/a/peaks.json',
      readyAt: new Date(),
    },
  });
  await prisma.rendition.createMany({
    data: FILES.map((file, index) => ({ ...file, ...written[index]!, id: randomId(), masterId, durationMs: 61_500 })),
  });
  return id;
};
