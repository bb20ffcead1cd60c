/** Every page by itself, in a real browser on the whole server: what it says, how it is used, what it leaves behind. */
import type { Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { answerConsent, comeOnStage, listen, openMicrophone, press, seeText, signIn } from '../support/browser-acts.ts';
import { judge } from '../support/browser-judges.ts';
import type { TestBrowser } from '../support/browser.ts';
import { desk, refuseFaults, startBrowser } from '../support/browser.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { ADA, speak } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const TITLE = 'The lamp room';
const faults: string[] = [];
let app: TestApp;
let browser: TestBrowser;
let owner: TestHost;
let slug: string;

const speakLink = async (label: string): Promise<string> =>
  (await ask(app, 'POST', `/api/v1/rooms/${slug}/speak-links`, { token: owner.token, body: { label } })).body.url;

beforeAll(async () => {
  app = await startTestApp({ settings: { SIGN_IN_PER_MINUTE: '1000' } });
  owner = await makeHost(app, 'Marta Levi');
  ({ slug } = await makeRoom(app, owner, { title: TITLE, policy: { recordingArmed: true } }));
  browser = await startBrowser(app.baseUrl, faults, speak(ADA, 10));
});

afterAll(async () => {
  await browser?.close();
  await app?.stop();
});

afterEach(async () => {
  await browser.sendHome();
  refuseFaults(faults);
});

it('the watch over every page sees errors, breaches of the content security policy and strangers', async () => {
  const { page } = await browser.person('guest');
  await page.goto('/');
  await page.evaluate(() => {
    console.error('something is wrong');
    document.body.setAttribute('style', 'color: red');
  });
  await page.goto('http://stranger.invalid/').catch(() => undefined);
  await until(() => faults.some((fault) => fault.includes('stranger')), { what: 'a fault about the stranger' });
  const seen = faults.splice(0).join('\n');
  expect(seen).toContain('guest: console: something is wrong');
  expect(seen).toMatch(/guest: console: .*inline style.*Content Security Policy/);
  expect(seen).toContain('guest: asked a stranger: http://stranger.invalid/');
});

describe('what a page says', () => {
  it('the home page shows who is live and leads to the door', async () => {
    const { page } = await browser.person('guest');
    await page.goto('/');
    await page.getByRole('link', { name: TITLE, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
    expect(page.url()).toBe(`${app.baseUrl}/r/${slug}`);
    expect(await page.title()).toBe(`${TITLE} · Loggia`);
  });

  it('a wrong password is answered by a sentence and a next step, the right one by the rooms', async () => {
    const { page } = await browser.person('host');
    await signIn(page, owner.name, 'not the password');
    const note = page.getByRole('alert').filter({ hasText: 'Name and password do not match.' });
    await note.getByText('sign-in-failed').waitFor();
    await signIn(page, owner.name, owner.password);
    await page.getByRole('heading', { name: 'My rooms' }).waitFor();
    await page.getByRole('link', { name: TITLE }).waitFor();
  });

  it('an address that leads nowhere is a 404 with words and a way back', async () => {
    const { page } = await browser.person('guest');
    for (const path of ['/nowhere', '/r/no-such-room', '/e/no-such-episode']) {
      expect((await page.goto(path))?.status()).toBe(404);
      await page.getByRole('heading', { level: 1, name: 'Nothing at this address' }).waitFor();
    }
    await page.getByRole('main').getByRole('link').click();
    await page.getByRole('heading', { name: 'Live now' }).waitFor();
  });

  it('Italian comes by the language of the browser or by the switch, and stays on the next page', async () => {
    const italian = await browser.person('ospite', { locale: 'it-IT' });
    await italian.page.goto(`/r/${slug}`);
    await italian.page.getByRole('button', { name: 'Ascolta' }).waitFor();
    expect(await italian.page.locator('html').getAttribute('lang')).toBe('it');

    const { page } = await browser.person('guest');
    await page.goto('/');
    await press(page, 'Italiano');
    await page.getByRole('heading', { name: 'In diretta' }).waitFor();
    await page.goto(`/r/${slug}`);
    await page.getByRole('button', { name: 'Ascolta' }).waitFor();
  });
});

describe('how a page is used', () => {
  it('the keyboard alone reaches the sound: Tab to Listen, Enter', async () => {
    const { page } = await browser.person('guest', desk);
    await page.goto(`/r/${slug}`);
    await page.getByRole('button', { name: 'Listen' }).waitFor();
    const order: string[] = [];
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    while (order.at(-1) !== 'Listen' && order.length < 20) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order[0]).toBe('Skip to the content');
    expect(order.at(-1)).toBe('Listen');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Leave quietly' }).waitFor();
  });

  it('M opens and closes the microphone on stage', async () => {
    const person = await browser.person('speaker');
    await comeOnStage(person, await speakLink('Ada'), 'Ada Byron');
    await openMicrophone(person.page);
    await person.page.keyboard.press('m');
    await person.page.getByRole('button', { name: /^Microphone off/ }).waitFor();
    await person.page.keyboard.press('m');
    await person.page.getByRole('button', { name: /^You are heard/ }).waitFor();
  });

  it('a host who taps the microphone of an armed room is asked first and heard by the answer; another tab takes over', async () => {
    const { page, context } = await browser.person('host', desk);
    await signIn(page, owner.name, owner.password);
    await page.getByRole('link', { name: 'Enter, it is live' }).click();
    await press(page, 'Enter as host');
    await press(page, 'Microphone off');
    await answerConsent(page);
    await page.getByRole('button', { name: 'You are heard', pressed: true }).waitFor();

    const other = await context.newPage();
    await other.goto(`/r/${slug}?host`);
    await press(other, 'Enter as host');
    await other.getByRole('list', { name: 'On stage' }).waitFor();
    await page.getByRole('heading', { name: 'The room is open in another tab' }).waitFor();
  });

  it('copying works on plain http, too, where browsers keep their clipboard away', async () => {
    const { page, context } = await browser.person('guest', desk);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.goto(`/r/${slug}`);
    await press(page, 'Share');
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const other = await context.newPage();
    await other.goto('/');
    expect(await other.evaluate(() => navigator.clipboard.readText())).toBe(`${app.baseUrl}/r/${slug}`);
  });

  it('a listener who reloads goes on with the same visit after one tap', async () => {
    const { page } = await browser.person('listener');
    const kept = () => page.evaluate((key) => sessionStorage.getItem(key), `loggia.visit.${slug}`);
    await listen({ page }, slug);
    const before = await kept();
    await page.reload();
    await press(page, 'Listen');
    await page.getByRole('button', { name: 'Leave quietly' }).waitFor();
    expect(await kept()).toBe(before);
  });
});

describe('what a page leaves behind', () => {
  it('listeners and speakers get no cookie, and what is remembered ends with the tab', async () => {
    const listener = await browser.person('listener');
    await listen(listener, slug);
    const speaker = await browser.person('speaker');
    await comeOnStage(speaker, await speakLink('Bo'), 'Bo');
    for (const { context, page } of [listener, speaker]) {
      expect(await context.cookies()).toEqual([]);
      expect(await page.evaluate(() => ({ local: localStorage.length, cookie: document.cookie }))).toEqual({
        local: 0,
        cookie: '',
      });
      expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
    }
  });

  it('a door weighs at most 100 kB over the wire on first load, and the sound library comes only with the tap', async () => {
    const { page } = await browser.person('guest');
    const loaded: Response[] = [];
    page.on('response', (response) => loaded.push(response));
    await page.goto(`/r/${slug}`, { waitUntil: 'networkidle' });
    await page.getByRole('button', { name: 'Listen' }).waitFor();
    const counted = loaded
      .map((response) => response.request())
      .filter((one) => !/font|image/.test(one.resourceType()));
    const bytes = await Promise.all(counted.map(async (request) => (await request.sizes()).responseBodySize));
    expect(bytes.every((count) => count > 0)).toBe(true);
    expect(bytes.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(100_000);
    expect(loaded.map((response) => response.url()).filter((url) => url.includes('livekit'))).toEqual([]);
    await press(page, 'Listen');
    await page.getByRole('button', { name: 'Leave quietly' }).waitFor();
    expect(loaded.map((response) => response.url()).filter((url) => url.includes('livekit'))).toHaveLength(1);
  });
});

describe('axe-core finds nothing, and nothing scrolls sideways, in both themes from 320 to 1440 px', () => {
  it.each([
    ['home', '/', 'Live now'],
    ['sign-in', '/manage/sign-in', 'Sign in'],
    ['nowhere', '/nowhere', 'Nothing at this address'],
  ])('%s', async (name, path, heading) => {
    const { page } = await browser.person(name);
    await page.goto(path);
    await page.getByRole('heading', { name: heading }).waitFor();
    expect(await judge(page)).toEqual([]);
  });

  it('door and listener', async () => {
    const { page } = await browser.person('listener');
    await page.goto(`/r/${slug}`);
    await page.getByRole('button', { name: 'Listen' }).waitFor();
    expect(await judge(page)).toEqual([]);
    await listen({ page }, slug);
    expect(await judge(page)).toEqual([]);
  });

  it('speak link, consent and speaker', async () => {
    const { page } = await browser.person('speaker');
    await page.goto(await speakLink('Cleo'));
    await page.getByLabel('You will be heard as').fill('Cleo');
    expect(await judge(page)).toEqual([]);
    await press(page, 'Go on stage');
    await seeText(page, 'May we record your voice?');
    expect(await judge(page)).toEqual([]);
    await press(page, 'No, do not record me');
    await seeText(page, 'Nobody hears you');
    expect(await judge(page)).toEqual([]);
  });

  it('rooms, host, links and the question before the end', async () => {
    const { page } = await browser.person('host', desk);
    await signIn(page, owner.name, owner.password);
    await page.getByRole('heading', { name: 'My rooms' }).waitFor();
    expect(await judge(page)).toEqual([]);
    await page.getByRole('link', { name: 'Enter, it is live' }).click();
    await press(page, 'Enter as host');
    await page.getByRole('list', { name: 'On stage' }).waitFor();
    expect(await judge(page)).toEqual([]);
    await press(page, 'Links');
    await seeText(page, 'To speak');
    expect(await judge(page)).toEqual([]);
    await press(page, 'Close');
    await press(page, 'End for all');
    expect(await judge(page)).toEqual([]);
  });
});
