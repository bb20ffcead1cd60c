/**
 * A recording in the hands of its host, in a real browser: paused, marked, clipped, stopped, heard, named, cut and
 * published. The acts are played in their order, each on what the one before has left.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { POINTER_FILE, PointerSchema } from '../../server/recording/capture/control.schema.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Person, TestBrowser } from '../support/browser.ts';
import { desk, refuseFaults, startBrowser } from '../support/browser.ts';
import {
  hostWithVoice,
  listen,
  openRecording,
  playedTo,
  press,
  recordingBar,
  seeText,
} from '../support/browser-acts.ts';
import { judge } from '../support/browser-judges.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import type { LivekitGate } from '../support/livekit-gate.ts';
import { livekitGate } from '../support/livekit-gate.ts';
import { services } from '../support/services.ts';
import { ADA, speak } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const faults: string[] = [];
let gate: LivekitGate;
let app: TestApp;
let browser: TestBrowser;
let owner: TestHost;
let slug: string;
let host: Person;
let listener: Person;
/** The page of the recording, in a tab beside the room. */
let page: Page;
let failed: string | undefined;

const recordings = async (): Promise<RecordingView[]> =>
  (await ask(app, 'GET', '/api/v1/recordings', { token: owner.token })).body.recordings;
const recordingId = async (): Promise<string> => (await recordings())[0]!.id;

/** The red light as anybody may look for it: on the page, and in the title of the tab. */
const isLit = async (lit: boolean): Promise<void> => {
  for (const { page: room } of [host, listener]) {
    await until(async () => (await room.title()).startsWith('● ') === lit, { what: `light in the title: ${lit}` });
  }
};

const picture = async (of: Page, name: string): Promise<void> => {
  const folder = join('test-results', 'recording');
  await mkdir(folder, { recursive: true });
  await of.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
};

const version = (title: string) => page.getByRole('article', { name: title });

beforeAll(async () => {
  gate = await livekitGate(services().livekitUrl);
  app = await startTestApp({ settings: { LIVEKIT_URL: gate.url } });
  owner = await makeHost(app, 'Marta Levi');
  ({ slug } = await makeRoom(app, owner, { title: 'The lamp room', policy: { recordingArmed: true } }));
  browser = await startBrowser(app.baseUrl, faults, speak(ADA, 20));
  host = await browser.person('host', desk);
  listener = await browser.person('listener');
});

afterAll(async () => {
  await browser?.close();
  await app?.stop();
  gate?.close();
});

beforeEach(() => {
  if (failed) throw new Error(`"${failed}" failed, and nothing after it can be played`);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail' && !failed) {
    failed = task.name;
    await picture(host.page, 'failed-host');
    if (page && !page.isClosed()) await picture(page, 'failed-recording');
  }
  refuseFaults(faults);
});

it('a pause puts out the light for everybody, and going on begins the next take', async () => {
  await hostWithVoice(host, owner.name, owner.password);
  await listen(listener, slug);
  const bar = recordingBar(host.page);
  await bar.getByRole('button', { name: 'Start recording' }).click();
  await isLit(true);
  await bar.getByText(/Take 1 · 1 of 1 voices/).waitFor();
  await bar.getByText(/room for \d+ (hours|days)/).waitFor();

  await bar.getByRole('button', { name: 'Pause' }).click();
  await bar.getByText('Paused – nothing is recorded').waitFor();
  await isLit(false);
  expect(await judge(host.page)).toEqual([]);

  await bar.getByRole('button', { name: 'Resume' }).click();
  await isLit(true);
  await bar.getByText(/Take 2 ·/).waitFor();
});

it('two taps set a mark, own words by the keyboard another, and both are in the list', async () => {
  const bar = recordingBar(host.page);
  await bar.getByRole('button', { name: 'Mark', exact: true }).click();
  expect(await judge(host.page)).toEqual([]);
  await bar.getByRole('button', { name: 'Good part starts' }).click();
  await host.page.getByRole('region', { name: 'Marks' }).getByText('Good part starts').waitFor();
  const focused = () => host.page.evaluate(() => document.activeElement?.textContent?.trim());
  await until(async () => (await focused()) === 'Mark', { what: 'the focus is where it was before' });

  await host.page.keyboard.press('Enter');
  await bar.getByLabel('In your own words').fill('the harbour bell');
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('region', { name: 'Marks' }).getByText('the harbour bell').waitFor();
  await bar.getByLabel('In your own words').waitFor({ state: 'detached' });
});

it('a clip of what was just said is heard while the take goes on', async () => {
  const bar = recordingBar(host.page);
  await bar.getByText(/0:0[4-9]$/).waitFor();
  await bar.getByRole('button', { name: 'Clip', exact: true }).click();
  await bar.getByRole('button', { name: '30 s' }).click();
  const opening = host.context.waitForEvent('page');
  await bar.getByRole('link', { name: 'Hear the clip' }).click();
  page = await opening;
  await page.getByRole('button', { name: /^Play A clip of/ }).click();
  await until(async () => (await playedTo(page)) > 0.3, { what: 'the clip plays' });
  await isLit(true);
  await page.close();
});

it('what was said is heard the moment the take stops', async () => {
  page = await openRecording(host.context, await recordingId());
  await page.getByRole('button', { name: 'Play Take 1', exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Play Take 2', exact: true }).count()).toBe(0);

  const started = performance.now();
  await recordingBar(host.page).getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Play Take 2', exact: true }).click();
  await until(async () => (await playedTo(page)) > 0, { what: 'the second take plays' });
  const waitedMs = performance.now() - started;
  console.log(`stop → sound in the browser: ${Math.round(waitedMs)} ms`);
  expect(waitedMs).toBeLessThan(2_000);
  const second = (await recordings())[0]!.replay.takes[1]!.fromMs / 1000;
  await until(async () => (await playedTo(page)) > second + 0.2, { what: 'the place in the second take moves on' });
  await press(page, 'Pause');
  await isLit(false);
});

it('the fine version takes its place by itself', async () => {
  await seeText(page, 'The fine version has taken its place.');
  await press(page, 'Play');
  await until(async () => (await playedTo(page)) > 0.3, { what: 'the fine version plays' });
  await picture(page, 'replay');
  expect(await judge(page)).toEqual([]);
});

it('a take and the recording get names, and a mark leads to its moment', async () => {
  await press(page, 'Rename: Take 2');
  await page.getByLabel('Name of take 2').fill('The harbour bell');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 3, name: 'The harbour bell' }).waitFor();
  await press(page, /^Rename: Evening of /);
  await page.getByLabel('Name of the recording').fill('Bells');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Bells' }).waitFor();

  const { takes, replay } = (await recordings())[0]!;
  const mark = takes[1]!.marks.find(({ label }) => label === 'the harbour bell')!;
  const place = (replay.takes[1]!.fromMs + mark.atMs) / 1000;
  await page.getByRole('button', { name: /^Play from .* the harbour bell$/ }).click();
  await until(async () => Math.abs((await playedTo(page)) - place) < 1.5, { what: 'it plays from the mark' });
});

it('parts in their order become a version that is ready by itself and plays', async () => {
  const form = page.getByRole('form', { name: 'Choose the parts' });
  await form.getByLabel('To', { exact: true }).fill('0:00');
  await form.getByText('The end comes before the beginning').waitFor();
  await form.getByRole('button', { name: 'Make this version' }).click();
  expect(await form.getByLabel('From', { exact: true }).evaluate((field) => field === document.activeElement)).toBe(
    true,
  );

  await form.getByLabel('To', { exact: true }).fill('0:01.5');
  await form.getByRole('button', { name: 'Add a part' }).click();
  await form.getByRole('combobox', { name: /^Take/ }).nth(1).selectOption('The harbour bell');
  await form.getByLabel('To', { exact: true }).nth(1).fill('0:02');
  await form.getByRole('button', { name: 'Move part 2 up' }).click();
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Move part 1 up');
  await form.getByText('Parts: 2 · 0:03').waitFor();
  await form.getByLabel('Name of the new version').fill('Bell first');
  await form.getByRole('button', { name: 'Make this version' }).click();

  await version('Bell first').getByRole('button', { name: 'Play Bell first' }).click({ timeout: 60_000 });
  await until(async () => (await playedTo(page)) > 0.3, { what: 'the version plays' });
  const made = (await recordings())[0]!.masters.find(({ title }) => title === 'Bell first')!;
  expect(made.cut.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([2000, 1500]);
  await version('Bell first').getByText('How it sounds').click();
  await version('Bell first')
    .getByText(/^Loudness −1[5-6]/)
    .waitFor();
  await picture(page, 'versions');
  expect(await judge(page)).toEqual([]);
});

it('exactly this version is published', async () => {
  await version('Bell first').getByRole('button', { name: 'Publish this' }).click();
  await page.getByLabel('Title').fill('The bell of the harbour');
  await press(page, 'Publish');
  await page.getByRole('link', { name: 'Open the episode' }).click();
  await press(page, 'Play');
  await until(async () => (await playedTo(page)) > 0.3, { what: 'the episode plays' });
  await seeText(page, /\/ 0:03$/);
  await page.close();
});

it('recording that ends by itself is told to everybody in plain words, to the host with the next step', async () => {
  await recordingBar(host.page).getByRole('button', { name: 'Start recording' }).click();
  // The light comes from the media plane, before the order is answered.
  await recordingBar(host.page).getByRole('button', { name: 'Pause', disabled: false }).waitFor();
  await isLit(true);
  const pointer = join(app.config.recordingsDir, await recordingId(), POINTER_FILE);
  process.kill(PointerSchema.parse(JSON.parse(await readFile(pointer, 'utf8'))).pid, 'SIGTERM');
  for (const { page: room } of [host, listener]) await seeText(room, 'Recording has stopped by itself');
  await listener.page.getByText('What was recorded until then is kept.').first().waitFor();
  await host.page.getByText('Start the recording again.').waitFor();
  await isLit(false);
  await picture(listener.page, 'trouble-listener');
  expect(await judge(listener.page)).toEqual([]);
  expect(await judge(host.page)).toEqual([]);
});

it('while the sound server is away a take still stops, and a start says what to do', async () => {
  const bar = recordingBar(host.page);
  await bar.getByRole('button', { name: 'Start recording' }).click();
  await bar.getByRole('button', { name: 'Pause', disabled: false }).waitFor();
  await isLit(true);
  gate.shut();
  await bar.getByRole('button', { name: 'Stop' }).click();
  // The light may stay lit for as long as the media plane cannot say otherwise; the take has ended all the same.
  await bar.getByRole('button', { name: 'Start recording' }).click();
  const note = bar.getByRole('alert');
  await note.getByText(/^(The sound server does not answer|The recording could not start)\.$/).waitFor();
  await note.getByText(/again\./).waitFor();
  await picture(host.page, 'away');
  gate.open();
  // What the cut itself causes is no fault of the page.
  faults.splice(0);
});
