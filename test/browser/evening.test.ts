/**
 * The main job in real browsers. A host, a speaker and an anonymous listener meet in one evening: its acts are played
 * in their order, each on the stage that the one before has left.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { hostsStore } from '../../server/people/hosts.store.ts';
import { createSetupLink } from '../../server/people/setup.ts';
import { systemClock } from '../../server/platform/clock.ts';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Person, TestBrowser } from '../support/browser.ts';
import { desk, heardDbfs, refuseFaults, startBrowser } from '../support/browser.ts';
import {
  answerConsent,
  becomeHost,
  comeOnStage,
  listen,
  makeSpeakLink,
  openMicrophone,
  openNewRoom,
  press,
  seeText,
} from '../support/browser-acts.ts';
import { judge, turn } from '../support/browser-judges.ts';
import { decodeSound, levelDbfs, SAMPLE_RATE } from '../support/sound.ts';
import { services } from '../support/services.ts';
import { ADA, BO, speak } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const SLUG = 'harbour-at-night';
const TITLE = 'Harbour at night';
const AUDIBLE_DBFS = -50;
const SILENT_DBFS = -70;

const faults: string[] = [];
let app: TestApp;
let browsers: TestBrowser[] = [];
let host: Person;
let speaker: Person;
let listener: Person;
let guest: Person;
let speakLink: string;
let listenerIdentity: string;
let alias: string;
/** The act that failed. */
let failed: string | undefined;

const isHeard = ({ page }: Person, what: string) =>
  until(async () => (await heardDbfs(page)) > AUDIBLE_DBFS, { what, timeoutMs: 15_000, everyMs: 100 });

const isSilent = ({ page }: Person, what: string) =>
  until(async () => (await heardDbfs(page)) < SILENT_DBFS, { what, timeoutMs: 15_000, everyMs: 100 });

/** The red light as anybody may look for it: on the page, and in the title of the tab. */
const isLit = async (page: Page, lit: boolean): Promise<void> => {
  await until(async () => (await page.title()).startsWith('● ') === lit, { what: `light in the title: ${lit}` });
  await page
    .locator('.rec:not(.rec--armed)')
    .first()
    .waitFor({ state: lit ? 'visible' : 'detached' });
};

const picture = async (page: Page, name: string): Promise<void> => {
  const folder = join('test-results', 'evening');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
};

const takePictures = async (): Promise<void> => {
  await picture(host.page, 'room-host');
  await picture(speaker.page, 'room-speaker');
  for (const colorScheme of ['light', 'dark'] as const) {
    await turn(guest.page, colorScheme);
    await picture(guest.page, `room-listener-${colorScheme}`);
  }
};

beforeAll(async () => {
  app = await startTestApp();
  browsers = await Promise.all([
    startBrowser(app.baseUrl, faults, speak(ADA, 20)),
    startBrowser(app.baseUrl, faults, speak(BO, 20)),
  ]);
  const [one, two] = browsers as [TestBrowser, TestBrowser];
  speaker = await one.person('speaker');
  host = await two.person('host', desk);
  listener = await two.person('listener');
  guest = await one.person('guest');
});

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await app?.stop();
});

beforeEach(() => {
  if (failed) throw new Error(`"${failed}" failed, and nothing after it can be played`);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail' && !failed) {
    failed = task.name;
    await Promise.all(
      Object.entries({ host, speaker, listener, guest }).map(([name, { page }]) => picture(page, `failed-${name}`)),
    );
  }
  refuseFaults(faults);
});

it('whoever runs the server becomes host through the set-up link, makes a room and opens it', async () => {
  const link = await createSetupLink({ hosts: hostsStore(app.database), clock: systemClock, config: app.config });
  await becomeHost(host, link, 'Marta Levi', 'a long evening by the sea');
  expect(host.page.url()).toBe(`${app.baseUrl}/manage`);
  await openNewRoom(host, TITLE, 'Three nights on the quay');
  expect(host.page.url()).toContain(`/r/${SLUG}`);
});

it('a speaker comes by a link from the dialog, and is heard only after the own tap', async () => {
  speakLink = await makeSpeakLink(host, 'Ada');
  await comeOnStage(speaker, speakLink, 'Ada Byron');
  expect(speaker.page.url()).not.toContain('#');
  await host.page.getByRole('list', { name: 'On stage' }).getByText('Ada Byron').waitFor();
});

it('an anonymous listener hears the speaker after one tap, and silence before anybody speaks', async () => {
  const ticket = listener.page.waitForResponse((response) => response.url().endsWith(`/rooms/${SLUG}/tickets`));
  await listen(listener, SLUG);
  const { mediaToken } = (await (await ticket).json()) as Ticket;
  listenerIdentity = JSON.parse(Buffer.from(mediaToken.split('.')[1]!, 'base64url').toString()).sub as string;
  expect(await heardDbfs(listener.page)).toBe(-Infinity);

  await openMicrophone(speaker.page);
  await isHeard(listener, 'the listener hears the speaker');
  await seeText(listener.page, 'Ada Byron is speaking');
});

it('the host sees a number, and the listener is in no frame and on no page of the others', async () => {
  await seeText(host.page, 'Fewer than 10 listening');
  await until(() => host.received.some((frame) => frame.includes('"listeners"')), { what: 'frames of the stage' });
  for (const { page, received } of [host, speaker]) {
    const seen = [...received, await page.content()].join('\n');
    expect(seen).not.toContain(listenerIdentity);
    expect(seen).not.toContain(listenerIdentity.split('.')[0]);
  }
});

it('a raised hand shows an alias, and becomes a voice only by the own click and the own tap', async () => {
  await press(listener.page, 'Raise hand');
  await seeText(listener.page, /^Your hand is up as /);
  const hand = host.page.getByRole('region', { name: 'Hands raised: 1' });
  alias = (await hand.locator('b').textContent()) ?? '';
  expect(await listener.page.getByText(/^Your hand is up as /).textContent()).toContain(alias);
  expect(speaker.received.join('\n')).not.toContain(alias);

  await hand.getByRole('button', { name: 'Invite to speak' }).click();
  await hand.getByText('Invited. Waiting for an answer.').waitFor();
  expect(await host.page.getByRole('list', { name: 'On stage' }).getByText(alias).count()).toBe(0);

  await press(listener.page, 'Go on stage');
  await answerConsent(listener.page);
  await seeText(listener.page, 'Nobody hears you');
  await press(speaker.page, /^You are heard/);
  await isSilent(host, 'nobody speaks');
  await openMicrophone(listener.page);
  await isHeard(host, 'the host hears who was a listener');
  await seeText(host.page, `${alias} is speaking`);
  await openMicrophone(speaker.page);
});

it('the red light is on for host, speakers and listeners while recording, and off before and after', async () => {
  await listen(guest, SLUG);
  await press(guest.page, 'Raise hand');
  const everybody = [host, speaker, listener, guest].map(({ page }) => page);
  for (const page of everybody) await isLit(page, false);
  await press(host.page, 'Start recording');
  // The host is on the stage without an answer, and is asked before anything is recorded.
  await seeText(host.page, 'May we record your voice?');
  for (const page of everybody) await isLit(page, false);
  await answerConsent(host.page);
  for (const page of everybody) await isLit(page, true);
  await seeText(speaker.page, 'Your voice is recorded: you said yes');
  await seeText(guest.page, /^Recording · 0:0[5-9]$/);
  await host.page.locator('.niche[data-state=speaking]').nth(1).waitFor();
  await takePictures();
  await press(host.page, 'Stop');
  for (const page of everybody) await isLit(page, false);
});

it('the recording shows at once how far the fine version is', async () => {
  const opening = host.context.waitForEvent('page');
  await host.page.getByRole('link', { name: 'To the recording' }).click();
  const page = await opening;
  await page.getByRole('progressbar', { name: 'Making All takes' }).waitFor();
  await seeText(page, 'Take 1');
  await picture(page, 'recording');
  await page.getByRole('heading', { name: 'Publish an episode' }).waitFor({ timeout: 60_000 });
  await page.close();
});

it('a speaker who steps down listens unseen again, and leaves quietly', async () => {
  await press(listener.page, 'Step down');
  await listener.page.getByRole('button', { name: 'Raise hand' }).waitFor();
  await isHeard(listener, 'who stepped down hears');
  await host.page.getByRole('list', { name: 'On stage' }).getByText(alias).waitFor({ state: 'detached' });
  await press(listener.page, 'Leave quietly');
  await listener.page.getByRole('button', { name: 'Listen' }).waitFor();
  expect(await heardDbfs(listener.page)).toBe(-Infinity);
});

it('a removed speaker reads it and cannot come back, neither by the page nor by the link', async () => {
  await press(host.page, 'Ada Byron: mute or remove');
  await press(host.page, 'Remove from the room');
  await press(host.page, 'Remove Ada Byron');
  await seeText(speaker.page, 'You were removed from this room');
  await host.page.getByRole('list', { name: 'On stage' }).getByText('Ada Byron').waitFor({ state: 'detached' });

  await speaker.page.goto('/');
  await speaker.page.goto(speakLink);
  await speaker.page.getByLabel('You will be heard as').fill('Ada again');
  await press(speaker.page, 'Go on stage');
  await answerConsent(speaker.page);
  await seeText(speaker.page, 'This speak link was used, revoked or has expired.');
});

it('ending for all shows everybody that the evening is over', async () => {
  await press(host.page, 'End for all');
  await host.page.getByRole('dialog').getByRole('button', { name: 'End for all' }).click();
  await Promise.all([host, guest].map(({ page }) => seeText(page, 'The evening is over')));
});

it('the host finds the recording again and publishes it', async () => {
  const { page } = host;
  await page.getByRole('link', { name: 'To the recordings' }).click();
  await page.getByRole('region', { name: 'Recordings' }).getByRole('link', { name: TITLE }).click();
  await page.getByLabel('Title').fill('The harbour, first night');
  await page.getByLabel('Description').fill('Two voices on the quay.');
  await press(page, 'Publish');
  await page.getByRole('link', { name: 'Open the episode' }).waitFor();
  await picture(page, 'recording-published');
  expect(await judge(page)).toEqual([]);
});

it('the episode plays, and its page names the feed', async () => {
  const { page } = await browsers[1]!.person('reader', desk);
  await page.goto('/');
  await page.getByRole('link', { name: 'The harbour, first night' }).click();
  await press(page, 'Play');
  await until(() => page.evaluate(() => (document.querySelector('audio')?.currentTime ?? 0) > 1), {
    what: 'the place in the episode moves on',
  });
  await page.getByText('0:01 / ').waitFor();
  await picture(page, 'episode');
  expect(await judge(page)).toEqual([]);
  const feed = await page.request.get(
    (await page.getByRole('link', { name: /podcast app/ }).getAttribute('href')) ?? '',
  );
  expect(await feed.text()).toContain('<title>The harbour, first night</title>');
});

it('without JavaScript the episode is a page that holds the sound itself', async () => {
  const { page } = await browsers[1]!.person('reader without JavaScript', { javaScriptEnabled: false });
  await page.goto('/e/the-harbour-first-night');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('The harbour, first night');
  expect(await page.locator('audio[controls]').isVisible()).toBe(true);
  expect(await page.locator('link[rel=alternate][type="application/rss+xml"]').getAttribute('href')).toMatch(
    /feed\.xml$/,
  );
  const sources = await page
    .locator('audio source')
    .evaluateAll((all) => all.map((one) => (one as HTMLSourceElement).src));
  expect(sources).toHaveLength(3);
  for (const url of sources) {
    const sound = await decodeSound(url, services().ffmpegBin);
    expect(sound.length / SAMPLE_RATE).toBeGreaterThan(4);
    expect(levelDbfs(sound)).toBeGreaterThan(-30);
  }
  await picture(page, 'episode-plain');
});
