/* Which screens are pictured, and how one gets to them. */
import { DARK_LIGHT } from '../../server/stage/stage.schema.ts';
import type { Page } from 'playwright-core';
import type { Scene } from './api.ts';
import { runningRecording } from './evening.ts';

export interface Screen {
  name: string;
  path: string;
  scene?: Scene;
  language?: 'en' | 'it';
  /** What a person does until the screen stands as wanted. */
  act?: (page: Page) => Promise<void>;
}

const listener: Scene = { role: 'anonymous', seatId: null };
const speaker: Scene = { role: 'speaker', seatId: 'tommaso' };
const host: Scene = { role: 'host', seatId: 'marta', recording: runningRecording() };
const dark = { ...DARK_LIGHT, recordingId: 'r1' };
const hand = { handId: 'h1', name: 'Amber Finch', anonymous: true, raisedAt: new Date().toISOString() };

/** Lights the niche of whoever would be heard: there is no sound in these pictures. */
const light = (page: Page) =>
  page.evaluate(() => {
    const niche = [...document.querySelectorAll<HTMLElement>('.niche')].find((one) =>
      one.textContent?.includes('Eleanor'),
    );
    if (niche) niche.dataset.state = 'speaking';
    const spoken = document.querySelector('.spoken');
    if (spoken)
      spoken.textContent =
        document.documentElement.lang === 'it' ? 'Parla Eleanor Whitcombe' : 'Eleanor Whitcombe is speaking';
  });

const tap = (name: RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).click();
  await page.locator('.niche').first().waitFor();
  await light(page);
};
const enter = tap(/^(Listen|Ascolta)$/);
const enterAsHost = tap(/Enter as host/);
const comeBack = tap(/Back to the stage|Torna sul palco/);

const withSeat = async (page: Page) => {
  await page.evaluate(() =>
    sessionStorage.setItem(
      'loggia.visit.harbour',
      JSON.stringify({ secret: 'x', role: 'speaker', name: 'Tommaso Rega' }),
    ),
  );
  await page.reload();
  await comeBack(page);
};

const receiptUrl = 'https://loggia.example/c#receipt=Jm0Yy1hC5u0o3bXf8mEo3kqk2sVwq0vYx7b0oZ9aQ1c';
const answer = { recorded: true, published: false };
const press = (name: RegExp) => (page: Page) => page.getByRole('button', { name }).click();
const unfold = (page: Page) => page.locator('summary').click();
const takeBack = async (page: Page) => {
  await press(/^Delete my voice$/)(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete my voice' }).click();
  await page.getByText('You took your voice back').waitFor();
};
const changeOfMind = async (page: Page) => {
  await withSeat(page);
  await press(/^Change$/)(page);
};

export const screens: Screen[] = [
  { name: 'home', path: '/' },
  { name: 'home-it', path: '/', language: 'it' },
  { name: 'door', path: '/r/harbour' },
  { name: 'door-it', path: '/r/harbour', language: 'it' },
  { name: 'door-closed', path: '/r/closed' },
  { name: 'door-named', path: '/r/named' },
  { name: 'door-speak', path: '/r/harbour#speak=0123456789abcdef01' },
  {
    name: 'door-consent',
    path: '/r/harbour#speak=0123456789abcdef01',
    act: async (page) => {
      await page.getByLabel('You will be heard as').fill('Ada');
      await page.getByRole('button', { name: 'Go on stage' }).click();
    },
  },
  { name: 'receipt', path: '/c#receipt=0123456789abcdef01', act: press(/^Download my voice$/) },
  { name: 'receipt-it', path: '/c#receipt=0123456789abcdef01', language: 'it', act: unfold },
  { name: 'receipt-question', path: '/c#receipt=0123456789abcdef01', act: press(/^Delete my voice$/) },
  { name: 'receipt-taken-back', path: '/c#receipt=0123456789abcdef01', act: takeBack },
  { name: 'receipt-gone', path: '/c' },
  { name: 'room-voice', path: '/r/harbour', scene: { ...speaker, receiptUrl, you: { answer } }, act: changeOfMind },
  { name: 'room-receipt', path: '/r/harbour', scene: { ...speaker, receiptUrl }, act: withSeat },
  { name: 'door-host', path: '/r/harbour?host' },
  { name: 'room-listener', path: '/r/harbour', scene: listener, act: enter },
  { name: 'room-listener-it', path: '/r/harbour', scene: listener, language: 'it', act: enter },
  {
    name: 'room-listener-unrecorded',
    path: '/r/harbour',
    scene: {
      ...listener,
      view: { recording: DARK_LIGHT },
      you: { hand: { ...hand, state: 'raised' } },
    },
    act: enter,
  },
  {
    name: 'room-invited',
    path: '/r/harbour',
    scene: { ...listener, you: { hand: { ...hand, state: 'invited' } } },
    act: enter,
  },
  { name: 'room-speaker', path: '/r/harbour', scene: speaker, act: withSeat },
  {
    name: 'room-speaker-heard',
    path: '/r/harbour',
    scene: speaker,
    language: 'it',
    act: async (page) => {
      await withSeat(page);
      await page.evaluate(() => document.querySelector('.micarch')?.setAttribute('aria-pressed', 'true'));
      await page.evaluate(() => document.querySelector('.own')?.classList.remove('own--off'));
    },
  },
  {
    name: 'room-speaker-consent',
    path: '/r/harbour',
    scene: { ...speaker, you: { consentNeeded: true } },
    language: 'it',
    act: withSeat,
  },
  { name: 'room-host', path: '/r/harbour?host', scene: host, act: enterAsHost },
  {
    name: 'room-host-first',
    path: '/r/harbour?host',
    scene: {
      ...host,
      view: {
        seats: [],
        hands: [],
        listeners: { atLeast: 0 },
        recording: DARK_LIGHT,
      },
    },
    act: enterAsHost,
  },
  {
    name: 'room-host-marks',
    path: '/r/harbour?host',
    scene: host,
    act: async (page) => {
      await enterAsHost(page);
      await page.getByRole('button', { name: 'Mark', exact: true }).click();
    },
  },
  {
    name: 'room-host-clip',
    path: '/r/harbour?host',
    scene: { ...host, recording: runningRecording({ space: { freeBytes: 900_000_000, minutesLeft: 22 } }) },
    act: async (page) => {
      await enterAsHost(page);
      await page.getByRole('button', { name: 'Clip', exact: true }).click();
      await page.getByRole('button', { name: '30 s' }).click();
      await page.getByRole('link', { name: 'Hear the clip' }).waitFor();
    },
  },
  {
    name: 'room-host-paused',
    path: '/r/harbour?host',
    scene: { ...host, view: { recording: { ...dark, paused: true } } },
    act: enterAsHost,
  },
  {
    name: 'room-host-trouble',
    path: '/r/harbour?host',
    scene: { ...host, view: { recording: { ...dark, trouble: 'disk-full' } } },
    act: enterAsHost,
  },
  {
    name: 'room-listener-trouble',
    path: '/r/harbour',
    scene: { ...listener, view: { recording: { ...dark, trouble: 'disk-full' } } },
    act: enter,
  },
  {
    name: 'room-host-links',
    path: '/r/harbour?host',
    scene: host,
    act: async (page) => {
      await enterAsHost(page);
      await page.getByRole('button', { name: 'Links' }).click();
      await page.getByText('Chiara').last().waitFor();
    },
  },
  {
    name: 'room-host-seat',
    path: '/r/harbour?host',
    scene: host,
    act: async (page) => {
      await enterAsHost(page);
      await page.getByRole('button', { name: /Idris Okafor/ }).click();
    },
  },
  {
    name: 'room-host-end',
    path: '/r/harbour?host',
    scene: host,
    act: async (page) => {
      await enterAsHost(page);
      await page.getByRole('button', { name: 'End for all' }).click();
    },
  },
  { name: 'episode', path: '/e/lamplighters?t=24:16' },
  { name: 'episode-it', path: '/e/lamplighters', language: 'it' },
  { name: 'not-found', path: '/nowhere' },
  { name: 'no-room', path: '/r/nowhere' },
  { name: 'set-up-without-link', path: '/manage/set-up' },
  { name: 'set-up', path: '/manage/set-up#secret=0123456789abcdef01' },
  { name: 'manage', path: '/manage' },
  {
    name: 'manage-new',
    path: '/manage',
    act: (page) => page.getByRole('button', { name: 'New room' }).click(),
  },
  { name: 'recording', path: '/manage/recordings/r1' },
  { name: 'recording-it', path: '/manage/recordings/r1', language: 'it' },
  {
    name: 'recording-ready',
    path: '/manage/recordings/r2',
    act: async (page) => {
      await page.getByRole('button', { name: 'Add a part' }).click();
      await page.getByLabel('To', { exact: true }).first().fill('4:12');
      await page.getByLabel('From', { exact: true }).first().fill('17:40');
      await page.getByText('How it sounds').first().click();
      await page.getByText('What the voices agreed to').click();
    },
  },
];
