/** A room of its own on the test run's LiveKit, for tests that need no API. */
import { randomUUID } from 'node:crypto';
import { RoomServiceClient } from 'livekit-server-sdk';
import type { Bot } from './bot.ts';
import { startBot } from './bot.ts';
import { services } from './services.ts';
import type { TestRole } from './tokens.ts';
import { testToken } from './tokens.ts';

const websocketUrl = (url: string): string => url.replace(/^http/, 'ws');

export type MediaRoom = {
  name: string;
  /** LiveKit's address as a client of it needs it. */
  mediaUrl: string;
  token: (role: TestRole, identity: string) => Promise<string>;
  /** A talking or listening participant; a speaker's microphone is published and silent. */
  join: (role: TestRole, identity: string) => Promise<Bot>;
  /** Disconnects everybody. */
  end: () => Promise<void>;
  remove: (identity: string) => Promise<void>;
};

/** Opens a room with day-long timeouts, as the product does. */
export const openMediaRoom = async (): Promise<MediaRoom> => {
  const { livekitUrl, livekitApiKey: apiKey, livekitApiSecret: apiSecret } = services();
  const name = `test-${randomUUID()}`;
  const rooms = new RoomServiceClient(livekitUrl.replace(/^ws/, 'http'), apiKey, apiSecret);
  await rooms.createRoom({ name, emptyTimeout: 86_400, departureTimeout: 86_400 });
  const mediaUrl = websocketUrl(livekitUrl);
  const token = (role: TestRole, identity: string) => testToken({ apiKey, apiSecret }, { role, room: name, identity });
  return {
    name,
    mediaUrl,
    token,
    join: async (role, identity) => {
      const bot = await startBot({ mediaUrl, token: await token(role, identity) });
      if (role === 'speaker') await bot.publish();
      return bot;
    },
    end: () => rooms.deleteRoom(name),
    remove: (identity) => rooms.removeParticipant(name, identity),
  };
};
