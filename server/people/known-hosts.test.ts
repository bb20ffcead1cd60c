import { describe, expect, it } from 'vitest';
import type { HostActor } from './actor.ts';
import { knownHosts } from './known-hosts.ts';
import type { Proof } from './known-hosts.ts';

const ada: HostActor = { kind: 'host', role: 'host', hostId: 'a', name: 'Ada' };
const HOUR_MS = 3_600_000;

const house = (tokenLastsMs = 1_000 * HOUR_MS) => {
  let nowMs = 0;
  let isAway = false;
  let answer: Proof | undefined = { actor: ada, expiresAt: new Date(tokenLastsMs) };
  const hosts = knownHosts({ now: () => new Date(nowMs) });
  const look = async (): Promise<Proof | undefined> => {
    if (isAway) throw Object.assign(new Error('away'), { code: 'P1001' });
    return answer;
  };
  return {
    ask: (action: 'stopRecording' | 'startRecording', tokenHash = 't') => hosts.ask(tokenHash, action, look),
    forget: hosts.forget,
    pass: (ms: number) => void (nowMs += ms),
    away: (away: boolean) => void (isAway = away),
    revoke: () => void (answer = undefined),
  };
};

describe('while the database is away', () => {
  it('a host who has proved who they are may stop a recording, and do nothing else', async () => {
    const { ask, away } = house();
    await ask('startRecording');
    away(true);
    expect(await ask('stopRecording')).toBe(ada);
    await expect(ask('startRecording')).rejects.toThrow('away');
    await expect(ask('stopRecording', 'another')).rejects.toThrow('away');
  });

  it('nobody is known whose token was refused, signed out, last seen half a day ago or has expired since', async () => {
    const refused = house();
    await refused.ask('stopRecording');
    refused.revoke();
    await refused.ask('stopRecording');
    const signedOut = house();
    await signedOut.ask('stopRecording');
    signedOut.forget('t');
    const longAgo = house();
    await longAgo.ask('stopRecording');
    longAgo.pass(12 * HOUR_MS);
    const expired = house(HOUR_MS);
    await expired.ask('stopRecording');
    expired.pass(HOUR_MS);
    for (const { ask, away } of [refused, signedOut, longAgo, expired]) {
      away(true);
      await expect(ask('stopRecording')).rejects.toThrow('away');
    }
  });
});
