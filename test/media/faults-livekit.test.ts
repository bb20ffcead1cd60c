import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/wait.ts';
import type { WholeHouse } from '../support/whole-house.ts';
import { startWholeHouse } from '../support/whole-house.ts';

let whole: WholeHouse;
beforeAll(async () => {
  whole = await startWholeHouse();
}, 120_000);
afterAll(() => whole.stop());

describe('a LiveKit', () => {
  it('that does not answer refuses a start within 5 s with the reason, and the next start works', async () => {
    const { room, speaker } = await whole.evening('Ada');
    const pid = whole.stack.pids()['LiveKit']!;
    process.kill(pid, 'SIGSTOP');
    const askedAt = performance.now();
    const refused = await whole.house.startRecording(room).catch((error: Error) => error.message);
    const tookMs = performance.now() - askedAt;
    process.kill(pid, 'SIGCONT');
    expect(refused).toMatch(/503|502/);
    expect(tookMs).toBeLessThan(5_500);
    const again = await until(() => whole.house.startRecording(room).catch(() => undefined), { timeoutMs: 15_000 });
    expect(again.takes.at(-1)!.state).toBe('capturing');
    await until(() => speaker.recordings.at(-1)?.on, { what: 'the red light is on' });
    await whole.house.stopRecording(room);
    await until(() => speaker.recordings.at(-1)?.on === false, { what: 'the red light is off' });
    await speaker.leave();
    await whole.house.endLiveSession(room);
  });

  it('that dies in a take and comes back finds everybody again; the light says what is so', async () => {
    const { room, speaker } = await whole.evening('Bo');
    await whole.house.startRecording(room);
    await until(() => speaker.recordings.at(-1)?.on, { what: 'the red light is on' });
    const pid = whole.stack.pids()['LiveKit']!;
    process.kill(pid, 'SIGKILL');
    await until(() => whole.stack.pids()['LiveKit'] !== pid, { timeoutMs: 20_000, what: 'LiveKit runs again' });
    const listening = await until(() => whole.listen(room).catch(() => undefined), { timeoutMs: 30_000 });
    await until(() => listening.recordings.at(-1)?.on, { timeoutMs: 30_000, what: 'a new listener sees the light' });
    await until(() => speaker.recordings.at(-1)?.on, { timeoutMs: 30_000, what: 'the speaker sees the light' });
    const { takes } = await whole.house.stopRecording(room);
    expect(takes.map(({ state }) => state)).toEqual(['closed']);
    expect(takes[0]!.gaps.length).toBeGreaterThan(0);
    // After a crash the light may stay lit for 20 s: LiveKit may not hear a recorder leave that was still coming back
    await until(() => listening.recordings.at(-1)?.on === false, { timeoutMs: 25_000, what: 'the red light is off' });
    await Promise.all([speaker, listening].map((bot) => bot.leave().catch(() => {})));
    await whole.house.endLiveSession(room);
  });
});
