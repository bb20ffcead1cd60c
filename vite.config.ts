import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { paraglideOptions } from './web/paraglide.options.ts';

export default defineConfig({
  publicDir: 'web/public',
  plugins: [svelte(), paraglideVitePlugin(paraglideOptions)],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The content security policy allows fonts and pictures as files of our own only, never as data in a style sheet.
    assetsInlineLimit: 0,
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    // livekit-client, loaded on the tap that lets somebody in, is one library of 530 kB.
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'livekit', test: /livekit/ },
            // What several pages share, in one file instead of twenty small ones.
            { name: 'shared', test: /[\\/](web|@lucide)[\\/]/, minShareCount: 2, maxModuleSize: 20_000 },
          ],
        },
      },
    },
  },
});
