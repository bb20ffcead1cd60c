/** What people do in the interface, as they do it: by what they read on the screen. */
import type { BrowserContext, Page } from 'playwright-core';
import type { Person } from './browser.ts';

/** Resolves when the page shows this text (a whole element's, or a part of one by a pattern). */
export const seeText = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text, { exact: true }).first().waitFor();

export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

/** Opens the one-time link, becomes the first host and stands before an empty list of rooms. */
export const becomeHost = async ({ page }: Person, setUpLink: string, name: string, password: string) => {
  await page.goto(setUpLink);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await press(page, 'Begin');
  await seeText(page, 'You have no rooms yet');
};

/** Types these into the sign-in page and sends them. */
export const signIn = async (page: Page, name: string, password: string) => {
  await page.goto('/manage/sign-in');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await press(page, 'Sign in');
};

/** From the list of rooms: makes a room and opens it, in as few taps as there are. */
export const openNewRoom = async ({ page }: Person, title: string, topic: string) => {
  await press(page, 'Open a room');
  await page.getByLabel('Title of the room').fill(title);
  await page.getByLabel('What is it about?').fill(topic);
  await press(page, 'Make the room');
  await press(page, 'Open the room');
  await page.getByRole('list', { name: 'On stage' }).waitFor();
};

/** In the host's room: makes a link for one speaker and answers the address that the copy button copies. */
export const makeSpeakLink = async ({ page, context }: Person, label: string): Promise<string> => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await press(page, 'Links');
  await page.getByLabel('For whom').fill(label);
  await press(page, 'New link');
  await page.locator('.url', { hasText: '#speak=' }).getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await press(page, 'Close');
  return link;
};

/** Opens a speak link and goes on stage; the microphone stays off. */
export const comeOnStage = async ({ page }: Person, link: string, name: string) => {
  await page.goto(link);
  await page.getByLabel('You will be heard as').fill(name);
  await press(page, 'Go on stage');
  await answerConsent(page);
  await seeText(page, 'Nobody hears you');
};

/** Yes to both questions. */
export const answerConsent = async (page: Page) => {
  await page.getByLabel(/may also publish my voice/).check();
  await press(page, 'Yes, record me');
};

/** On stage: opens one's own microphone. */
export const openMicrophone = async (page: Page) => {
  await page.getByRole('button', { name: /^Microphone off/ }).click();
  await page.getByRole('button', { name: /^You are heard/ }).waitFor();
};

/** From an address of the room to its sound. */
export const listen = async ({ page }: Pick<Person, 'page'>, slug: string) => {
  await page.goto(`/r/${slug}`);
  await press(page, 'Listen');
  await page.getByRole('list', { name: 'On stage' }).waitFor();
};

/** From signing in to one's own live room, with an open microphone and yes to both questions. */
export const hostWithVoice = async ({ page }: Person, name: string, password: string) => {
  await signIn(page, name, password);
  await page.getByRole('link', { name: 'Enter, it is live' }).click();
  await press(page, 'Enter as host');
  await press(page, 'Microphone off');
  await answerConsent(page);
  await page.getByRole('button', { name: 'You are heard', pressed: true }).waitFor();
};

/** The bar with which a host records. */
export const recordingBar = (page: Page) => page.getByRole('region', { name: 'Recording', exact: true });

/** Opens the page of the recording in a tab of its own. */
export const openRecording = async (context: BrowserContext, recordingId: string): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(`/manage/recordings/${recordingId}`);
  await page.getByRole('heading', { name: 'Replay' }).waitFor();
  return page;
};

/** Where the sound that plays is, in seconds; 0 when nothing plays. */
export const playedTo = (page: Page): Promise<number> =>
  page.evaluate(
    () => [...document.querySelectorAll('audio')].find(({ paused, ended }) => !paused || ended)?.currentTime ?? 0,
  );
