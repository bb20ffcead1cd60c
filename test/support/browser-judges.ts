/** Judges of a page as it stands: accessibility by axe-core, and whether it fits its window. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Axe = { run: () => Promise<{ violations: { id: string; help: string; nodes: { target: unknown[] }[] }[] }> };

const axeFaults = async (page: Page): Promise<string[]> => {
  // Evaluated, not added as a script: the content security policy stays as it is.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run());
  return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target).join(' | ')})`);
};

/** What spills out of the window sideways, by selector; the page's own width first. */
const sidewaysFaults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const spilling = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 0.5,
    );
    const names = spilling.map((element) => `${element.localName}.${element.getAttribute('class') ?? ''}`);
    return [`${scrollWidth} px wide in a window of ${clientWidth}: ${names.slice(-5).join(', ')}`];
  });

/** Switches the theme and waits until the colours have arrived: half-way they have no contrast. */
export const turn = async (page: Page, colorScheme: 'dark' | 'light'): Promise<void> => {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.waitForFunction(
    (scheme) =>
      matchMedia(`(prefers-color-scheme: ${scheme})`).matches &&
      document.getAnimations().every(({ effect }) => effect?.getTiming().iterations === Infinity),
    colorScheme,
  );
};

/**
 * Faults of the page in both themes on a phone and on a desk, and in the narrowest window at 320 px. Leaves the window
 * as it was.
 */
export const judge = async (page: Page): Promise<string[]> => {
  const before = page.viewportSize();
  const faults: string[] = [];
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['dark', 'light'] as const) {
      await turn(page, colorScheme);
      const found = [...(await axeFaults(page)), ...(await sidewaysFaults(page))];
      faults.push(...found.map((fault) => `${width} px, ${colorScheme}: ${fault}`));
    }
  }
  await page.setViewportSize({ width: 320, height: 700 });
  faults.push(...(await sidewaysFaults(page)));
  if (before) await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  return faults;
};
