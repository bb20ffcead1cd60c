import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The groups run one after the other. Within a group files share the two cores, except where they share a real
// LiveKit, ffmpeg or Chromium: their timing is part of what is tested.
const alone = { fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
    retry: 0,
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{server,scripts,bench,test/support}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [svelte()],
        // Without this Svelte resolves to its server half, in which `$effect` never runs.
        resolve: { conditions: ['browser'] },
        test: { name: 'web', include: ['web/**/*.test.ts'], sequence: { groupOrder: 0 } },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'media',
          include: ['test/media/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
          ...alone,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 3 },
          ...alone,
        },
      },
    ],
  },
});
