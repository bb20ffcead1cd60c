/**
 * Real people at real browsers: Chromium with a voice at its microphone, one context per person. Whatever no person
 * should ever cause is collected as a fault: errors in the console (a breach of the content security policy is one),
 * uncaught exceptions, failures of the server, and requests to anybody but the server under test.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { services } from './services.ts';
import { writeWav } from './sound.ts';

/** `received` holds every frame the page was sent over a WebSocket: text as it came, binary as Latin-1. */
export type Person = { context: BrowserContext; page: Page; received: string[] };

export type TestBrowser = {
  /** A person with an empty browser of their own, phone-sized and English unless told otherwise. */
  person: (name: string, options?: BrowserContextOptions) => Promise<Person>;
  /** Closes everybody's windows. */
  sendHome: () => Promise<void>;
  close: () => Promise<void>;
};

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Timers of a page that is not in front would lie.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  // The sound goes over loopback, by its address.
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' };
export const desk: BrowserContextOptions = { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' };

// A refusal is an answer that the page has to show; Chromium writes it into the console all the same.
const isRefusal = (text: string): boolean => /^Failed to load resource: .* status of 4\d\d/.test(text);

const watch = (page: Page, origin: string, fault: (text: string) => void): void => {
  const foreign = (url: string): boolean =>
    !/^(data|blob|about):/.test(url) && new URL(url).host !== new URL(origin).host;
  page.on('console', (message) => {
    if (message.type() === 'error' && !isRefusal(message.text())) fault(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => fault(`exception: ${error.stack ?? error.message}`));
  page.on('request', (request) => foreign(request.url()) && fault(`asked a stranger: ${request.url()}`));
  page.on('websocket', (socket) => foreign(socket.url()) && fault(`asked a stranger: ${socket.url()}`));
  page.on('response', (response) => response.status() >= 500 && fault(`${response.status()} at ${response.url()}`));
};

/** Throws, naming them, when there are faults, and forgets them: for the end of every test. */
export const refuseFaults = (faults: string[]): void => {
  const found = faults.splice(0);
  if (found.length > 0) throw new Error(`What nobody at a browser should cause:\n${found.join('\n')}`);
};

const collectFrames = (page: Page, received: string[]): void => {
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) =>
      received.push(typeof payload === 'string' ? payload : payload.toString('latin1')),
    ),
  );
};

/**
 * Starts Chromium with `voice` at the microphone, over and over. Faults of everybody in it are pushed to `faults`, with
 * the person's name before them.
 */
export const startBrowser = async (origin: string, faults: string[], voice?: Int16Array): Promise<TestBrowser> => {
  const folder = await mkdtemp(join(tmpdir(), 'loggia-browser-'));
  const wav = join(folder, 'voice.wav');
  if (voice) await writeWav(wav, voice);
  const browser = await chromium.launch({
    executablePath: services().chromiumBin,
    args: [...flags, ...(voice ? [`--use-file-for-fake-audio-capture=${wav}`] : [])],
  });

  const person = async (name: string, options: BrowserContextOptions = {}): Promise<Person> => {
    const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', ...phone, ...options });
    context.setDefaultTimeout(10_000);
    const received: string[] = [];
    context.on('page', (page) => {
      watch(page, origin, (text) => faults.push(`${name}: ${text}`));
      collectFrames(page, received);
    });
    const page = await context.newPage();
    return { context, page, received };
  };
  const sendHome = async (): Promise<void> => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  };
  const close = async (): Promise<void> => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { person, sendHome, close };
};

/**
 * Loudness in dBFS of what this page plays now, over the last 0.7 s: the loudest of its audio elements that play a
 * remote track; -Infinity when none does. Ask again until it is as wished.
 */
export const heardDbfs = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const ears = ((globalThis as { ears?: WeakMap<MediaStream, AnalyserNode> }).ears ??= new WeakMap());
    const levels = [...document.querySelectorAll('audio')].map((element) => {
      const stream = element.srcObject;
      if (!(stream instanceof MediaStream) || element.paused) return -Infinity;
      let ear = ears.get(stream);
      if (!ear) {
        const context = new AudioContext();
        void context.resume();
        ear = new AnalyserNode(context, { fftSize: 32_768 });
        context.createMediaStreamSource(stream).connect(ear);
        ears.set(stream, ear);
      }
      const samples = new Float32Array(ear.fftSize);
      ear.getFloatTimeDomainData(samples);
      return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    });
    return Math.max(-Infinity, ...levels);
  });
