import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { paraglideOptions } from './web/paraglide.options.ts';

/** Puts every script and style beside itself in Brotli and gzip: nobody waits while the server compresses. */
const compressed = (): Plugin => ({
  name: 'loggia:compressed',
  // After Vite's own last touches to the chunks, which come when they are generated.
  writeBundle({ dir = 'dist' }, bundle) {
    for (const name of Object.keys(bundle).filter((file) => /\.(js|css)$/.test(file))) {
      const file = join(dir, name);
      const source = readFileSync(file);
      writeFileSync(`${file}.br`, brotliCompressSync(source));
      writeFileSync(`${file}.gz`, gzipSync(source, { level: 9 }));
    }
  },
});

export default defineConfig({
  publicDir: 'web/public',
  plugins: [svelte(), paraglideVitePlugin(paraglideOptions), compressed()],
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
