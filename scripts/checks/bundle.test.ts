import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Bundle } from './bundle.ts';
import { firstLoadBytes } from './bundle.ts';

// Random text does not shrink, so that the sizes below are about what was put in.
const text = (bytes: number): string => randomBytes(bytes / 2).toString('hex');

const chunk = (fileName: string, bytes: number, more: Partial<Bundle['chunks'][number]> = {}) => ({
  fileName,
  isEntry: false,
  facadeModuleId: null,
  imports: [],
  styles: [],
  code: text(bytes),
  ...more,
});

it('the first load is the entry, the page and what they import, each once, and not what is loaded on a tap', () => {
  const bundle: Bundle = {
    chunks: [
      chunk('entry.js', 8000, { isEntry: true, imports: ['shared.js'], styles: ['app.css'] }),
      chunk('page.js', 8000, {
        facadeModuleId: '/x/web/room/RoomPage.svelte',
        imports: ['shared.js'],
        styles: ['app.css'],
      }),
      chunk('shared.js', 8000),
      chunk('livekit.js', 400_000),
    ],
    styles: new Map([['app.css', text(8000)]]),
  };
  const bytes = firstLoadBytes(bundle, 'web/room/RoomPage.svelte');
  // Hexadecimal digits carry half a byte each.
  expect(bytes).toBeGreaterThan(4 * 4000);
  expect(bytes).toBeLessThan(4 * 6000);
});

it('a page that is no chunk of its own is an error, not a light page', () => {
  expect(() =>
    firstLoadBytes({ chunks: [chunk('entry.js', 10, { isEntry: true })], styles: new Map() }, 'web/X.svelte'),
  ).toThrow('no chunk of its own');
});
