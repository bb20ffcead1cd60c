/**
 * Pictures of every screen at 390, 820 and 1440 px in both themes, into test-results/shots, to be looked at before work
 * is called done. It also says what a picture does not show: errors in the console and pages that scroll sideways.
 * `npm run shots -- room episode` takes only the screens whose names contain one of the words.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { preview } from 'vite';
import { answerEverything } from './shots/api.ts';
import { coverPicture } from './shots/cover.ts';
import { screens, type Screen } from './shots/screens.ts';
import { buildWeb } from './services/build.ts';
import { resolveChromium } from './toolchain/chromium.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'test-results', 'shots');
const widths = [390, 820, 1440] as const;
const themes = ['dark', 'light'] as const;

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws:; img-src 'self' data:; media-src 'self'; font-src 'self'";

const picture = async (browser: Browser, origin: string, screen: Screen, width: number, theme: 'dark' | 'light') => {
  const context = await browser.newContext({
    viewport: { width, height: width === 390 ? 844 : 900 },
    colorScheme: theme,
    locale: screen.language ?? 'en',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  await answerEverything(page, screen.scene ?? { role: 'anonymous', seatId: null }, coverPicture);
  await page.goto(origin + screen.path);
  await page.locator('h1').first().waitFor();
  await screen.act?.(page);
  await page.evaluate(() => document.fonts.ready);
  if (await scrollsSideways(page)) faults.push('scrolls sideways');
  // The bar of a room sticks to the window's edge: make the window as high as the page.
  await page.setViewportSize({ width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
  await page.screenshot({ path: join(folder, `${screen.name}-${width}-${theme}.png`), fullPage: true });
  await context.close();
  return faults.map((fault) => `${screen.name} ${width} ${theme}: ${fault}`);
};

const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

const words = process.argv.slice(2);
const wanted = screens.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));

await buildWeb(console.log);
await mkdir(folder, { recursive: true });
const server = await preview({
  root,
  preview: { port: 0, host: '127.0.0.1', headers: { 'content-security-policy': policy } },
});
const origin = server.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? '';
const { path } = await resolveChromium({ bin: process.env.CHROMIUM_BIN, say: console.log });
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] });
const faults: string[] = [];
for (const screen of wanted) {
  for (const width of widths) {
    for (const theme of themes) faults.push(...(await picture(browser, origin, screen, width, theme)));
  }
}
await browser.close();
await server.close();
console.log(`${wanted.length * widths.length * themes.length} pictures in test-results/shots`);
for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
