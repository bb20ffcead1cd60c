import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bot } from '../support/bot.ts';
import { listen, seeText } from '../support/browser-acts.ts';
import type { Person, TestBrowser } from '../support/browser.ts';
import { heardDbfs, refuseFaults, startBrowser } from '../support/browser.ts';
import { services } from '../support/services.ts';
import { ADA, speak } from '../support/voices.ts';
import { until } from '../support/wait.ts';
import type { WholeHouse } from '../support/whole-house.ts';
import { startWholeHouse } from '../support/whole-house.ts';

/** Louder than this is a voice; a page that plays nothing is at -Infinity. */
const VOICE_DBFS = -50;

const faults: string[] = [];
let browser: TestBrowser;
let whole: WholeHouse;
let room: string;
let speaker: Bot;
let listener: Person;

beforeAll(async () => {
  whole = await startWholeHouse({ web: true });
  browser = await startBrowser(whole.stack.baseUrl, faults);
  ({ room, speaker } = await whole.evening('Ada'));
  // Longer than the test: when the speaker leaves, the rest of it stays unsaid.
  const wav = await whole.wav('ada.wav', speak(ADA, 60));
  speaker.talk(wav, Date.now() + 500, services().ffmpegBin).catch(() => {});
  listener = await browser.person('listener');
}, 120_000);

afterAll(async () => {
  await browser.close();
  await speaker.leave();
  await whole.stop();
}, 60_000);

it('a listener goes on hearing while the server is dead, and learns what happens once it is back', async () => {
  const { page } = listener;
  await listen(listener, room);
  await until(async () => (await heardDbfs(page)) > VOICE_DBFS, { what: 'the voice is heard' });

  const killed = whole.stack.pids()['The server']!;
  process.kill(killed, 'SIGKILL');
  const levels: number[] = [];
  await until(
    async () => {
      levels.push(await heardDbfs(page));
      return whole.stack.pids()['The server'] !== killed && (await fetch(`${whole.stack.baseUrl}/readyz`)).ok;
    },
    { timeoutMs: 20_000, everyMs: 200, what: 'another server is ready' },
  );
  expect(levels.filter((level) => level < VOICE_DBFS)).toEqual([]);

  // Both of the page's connections are back: the light comes over the one, the list of who is on stage over the other.
  const { id } = await whole.house.startRecording(room);
  await seeText(page, /Recording · \d+:\d\d/);
  expect(await heardDbfs(page)).toBeGreaterThan(VOICE_DBFS);
  await whole.house.stopRecording(room);
  await page.getByText(/Recording · \d+:\d\d/).waitFor({ state: 'hidden' });
  expect((await whole.house.recording(id)).takes.length).toBe(1);
  await whole.house.endLiveSession(room);
  await seeText(page, 'The evening is over');
  // livekit-client writes down that the server's end of its socket died; that it did.
  refuseFaults(faults.filter((fault) => !fault.includes('WS closed unexpectedly')));
}, 90_000);
