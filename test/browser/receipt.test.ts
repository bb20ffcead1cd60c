/** The page behind a personal receipt, in a real browser on the whole server. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { press, seeText } from '../support/browser-acts.ts';
import { judge } from '../support/browser-judges.ts';
import type { TestBrowser } from '../support/browser.ts';
import { refuseFaults, startBrowser } from '../support/browser.ts';
import type { Evening } from '../support/evening-on-disk.ts';
import { evening } from '../support/evening-on-disk.ts';
import { fakeMedia } from '../support/fake-media.ts';
import { makeHost } from '../support/hosts.ts';
import { ADA, speak } from '../support/voices.ts';

const faults: string[] = [];
let app: TestApp;
let browser: TestBrowser;
let one: Evening;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  one = await evening(app, await makeHost(app, 'Marta'));
  browser = await startBrowser(app.baseUrl, faults, speak(ADA, 1));
});
afterAll(async () => {
  await browser?.close();
  await app?.stop();
});
afterEach(() => refuseFaults(faults));

it('a receipt is opened without its secret in the address bar or in any address that is asked for', async () => {
  const { page } = await browser.person('speaker');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`/c#receipt=${one.secrets.Bo}`);
  await page.getByRole('heading', { level: 1, name: 'Your voice' }).waitFor();
  await seeText(page, 'You may be recorded, and your voice may be published.');
  await seeText(page, '3 s of your voice');
  expect(page.url()).toBe(`${app.baseUrl}/c`);
  expect(asked.filter((url) => url.includes(one.secrets.Bo) && !url.includes('#'))).toEqual([]);
  expect(await judge(page)).toEqual([]);
  await page.reload();
  await page.getByRole('heading', { name: 'Open your link once more' }).waitFor();
  expect(await judge(page)).toEqual([]);
});

it('the keyboard alone deletes a voice: asked once, done at once, told in words', async () => {
  const { page } = await browser.person('speaker');
  await page.goto(`/c#receipt=${one.secrets.Bo}`);
  await press(page, 'Download my voice');
  await page.getByRole('link', { name: /FLAC/ }).waitFor();
  await page.getByRole('button', { name: 'Delete my voice' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Delete your voice for good?' }).waitFor();
  expect(await judge(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete my voice' }).focus();
  await page.keyboard.press('Enter');
  await seeText(page, 'Nothing is kept of your voice.');
  await seeText(page, /You took your voice back/);
  expect(await judge(page)).toEqual([]);
});
