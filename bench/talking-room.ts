/** A LiveKit room with people who talk all the time, for what is measured beside each other in one room. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bot } from '../test/support/bot.ts';
import type { MediaRoom } from '../test/support/media-room.ts';
import { openMediaRoom } from '../test/support/media-room.ts';
import { services } from '../test/support/services.ts';
import { writeWav } from '../test/support/sound.ts';

export type Talker = { identity: string; pcm: Int16Array };
export type TalkingRoom = { room: MediaRoom; dir: string; speakers: Bot[]; close: () => Promise<void> };

/** Everybody begins at `atEpochMs` (now, unless said otherwise); the talk ends with the sound or with the room. */
export const openTalkingRoom = async (talkers: Talker[], atEpochMs?: number): Promise<TalkingRoom> => {
  const dir = await mkdtemp(join(tmpdir(), 'loggia-bench-'));
  const room = await openMediaRoom();
  const speakers: Bot[] = [];
  for (const { identity, pcm } of talkers) {
    await writeWav(join(dir, `${identity}.wav`), pcm);
    speakers.push(await room.join('speaker', identity));
  }
  const start = atEpochMs ?? Date.now() + 500;
  talkers.forEach(({ identity }, index) => {
    void speakers[index]!.talk(join(dir, `${identity}.wav`), start, services().ffmpegBin).catch(() => {});
  });
  const close = async (): Promise<void> => {
    await Promise.all(speakers.map((speaker) => speaker.leave().catch(() => {})));
    await room.end().catch(() => {});
    await rm(dir, { recursive: true, force: true });
  };
  return { room, dir, speakers, close };
};
