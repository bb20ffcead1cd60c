import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBot } from '../support/bot.ts';
import type { MediaHouse } from '../support/media-house.ts';
import { startMediaHouse } from '../support/media-house.ts';
import { services } from '../support/services.ts';
import { startSignal, upgradeStatus } from '../support/signal.ts';
import { writeWav } from '../support/sound.ts';
import { tone } from '../support/voices.ts';
import { until } from '../support/wait.ts';

let house: MediaHouse;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loggia-gateway-'));
  house = await startMediaHouse(services());
});
afterAll(async () => {
  await house.stop();
  await rm(folder, { recursive: true, force: true });
});

const speaker = async (liveSessionId: string) => {
  const identity = house.seat(liveSessionId);
  return { identity, token: await house.token(liveSessionId, identity, 'speaker') };
};
const listenerToken = (liveSessionId: string): Promise<string> =>
  house.token(liveSessionId, house.audience(liveSessionId), 'anonymous');
const statusOf = (token: string): Promise<number> => upgradeStatus(`${house.mediaUrl}/rtc?access_token=${token}`);

describe('through the gateway', () => {
  it('an anonymous listener hears a speaker', async () => {
    const { mediaUrl } = house;
    const liveSessionId = await house.openSession();
    const { identity, token } = await speaker(liveSessionId);
    const wav = join(folder, 'tone.wav');
    await writeWav(wav, tone(700, 4));
    const ada = await startBot({ mediaUrl, token });
    const listener = await startBot({ mediaUrl, token: await listenerToken(liveSessionId) });
    await ada.publish();
    await ada.talk(wav, Date.now() + 500, services().ffmpegBin);
    const heard = await listener.leave();
    await ada.leave();
    expect(heard.participants[identity]?.seconds).toBeGreaterThan(3);
    expect(Math.abs(heard.participants[identity]!.dominantHz - 700)).toBeLessThanOrEqual(50);
    console.log(`connected through the gateway: speaker ${ada.connectMs} ms, listener ${listener.connectMs} ms`);
  });

  it('no message carries a number of participants, a foreign host or another listener', async () => {
    const liveSessionId = await house.openSession();
    const { token } = await speaker(liveSessionId);
    const seen = await startSignal({ mediaUrl: house.mediaUrl, token, query: 'protocol=16&sdk=js' });
    const joined = await seen.first('join');
    const others = await Promise.all(
      [1, 2, 3].map(async () =>
        startSignal({ mediaUrl: house.mediaUrl, token: await listenerToken(liveSessionId), query: 'protocol=16' }),
      ),
    );
    const late = await others[2]!.first('join');
    const { livekitUrl } = services();
    const recorder = await house.token(liveSessionId, 'rec_1', 'recorder');
    house.recorders.add('rec_1');
    const recording = await startSignal({ mediaUrl: livekitUrl, token: recorder, query: 'protocol=16' });
    // The red light's own message, for which LiveKit counts anew.
    const update = await seen.first('roomUpdate');
    expect(update.room?.activeRecording).toBe(true);
    for (const room of [joined.room, late.room, update.room])
      expect([room?.numParticipants, room?.numPublishers]).toEqual([0, 0]);
    expect(seen.answers.filter(({ case: kind }) => kind === 'roomUpdate')).toHaveLength(1);
    expect(late.otherParticipants.map(({ identity }) => identity)).toEqual([joined.participant?.identity]);
    for (const { urls } of joined.iceServers) expect(urls).toEqual([expect.stringMatching(/:127\.0\.0\.1:/)]);
    for (const signal of [seen, recording, ...others]) await signal.leave();
  });

  it('a new signalling takes up the participant that is there, and is told no foreign host either', async () => {
    const liveSessionId = await house.openSession();
    const { identity, token } = await speaker(liveSessionId);
    const bot = await startBot({ mediaUrl: house.mediaUrl, token });
    const sid = house.sids.get(identity);
    const query = `protocol=16&reconnect=1&reconnect_reason=1&sid=${sid}`;
    const resumed = await startSignal({ mediaUrl: house.mediaUrl, token, query });
    const { iceServers } = await resumed.first('reconnect');
    for (const { urls } of iceServers) expect(urls).toEqual([expect.stringMatching(/:127\.0\.0\.1:/)]);
    expect((await house.media.listParticipants(liveSessionId)).map((one) => one.sid)).toEqual([sid]);
    expect(bot.disconnected()).toBeUndefined();
    await resumed.leave();
    await bot.leave();
  });

  it('?publish=x makes no second participant', async () => {
    const liveSessionId = await house.openSession();
    const { token } = await speaker(liveSessionId);
    expect(await upgradeStatus(`${house.mediaUrl}/rtc?access_token=${token}&publish=x`)).toBe(404);
    expect(await house.media.listParticipants(liveSessionId)).toEqual([]);
  });
});

describe('kick means that seat and that token are gone', () => {
  it("a removed speaker's refreshed token is refused, and so is the old one", async () => {
    const liveSessionId = await house.openSession();
    const { identity, token } = await speaker(liveSessionId);
    const signal = await startSignal({ mediaUrl: house.mediaUrl, token, query: 'protocol=16' });
    const refreshed = await signal.first('refreshToken');
    expect(refreshed).not.toBe(token);
    expect(await statusOf(refreshed)).toBe(101);

    const again = await startSignal({ mediaUrl: house.mediaUrl, token: refreshed, query: 'protocol=16' });
    await again.first('join');
    house.seats.delete(identity);
    await house.chapter.expel(liveSessionId, identity);
    expect(await again.closed).toBe(1000);
    expect(again.answers.at(-1)).toMatchObject({ case: 'leave', value: { action: 0 } });
    for (const one of [refreshed, token]) expect(await statusOf(one)).toBe(403);
    await until(async () => (await house.media.listParticipants(liveSessionId)).length === 0);
  });

  it('a removed bot is out and does not come back by itself', async () => {
    const liveSessionId = await house.openSession();
    const { identity, token } = await speaker(liveSessionId);
    const bot = await startBot({ mediaUrl: house.mediaUrl, token });
    house.seats.delete(identity);
    await house.chapter.expel(liveSessionId, identity);
    await until(() => bot.disconnected(), { what: 'the bot told' });
    await bot.leave();
    expect(await house.media.listParticipants(liveSessionId)).toEqual([]);
  });

  it('the end of a live session ends everybody in it, and no token of it opens anything', async () => {
    const liveSessionId = await house.openSession();
    const token = await listenerToken(liveSessionId);
    const signal = await startSignal({ mediaUrl: house.mediaUrl, token, query: 'protocol=16' });
    await signal.first('join');
    house.live.delete(liveSessionId);
    await house.chapter.closeRoom(liveSessionId);
    await signal.closed;
    expect(signal.answers.some((answer) => answer.case === 'leave')).toBe(true);
    expect(await statusOf(token)).toBe(403);
    expect(await house.media.listRooms()).not.toContain(liveSessionId);
  });
});
