/** The weight of what a phone loads before the door or an episode can be used. */
import { gzipSync } from 'node:zlib';
import type { Rolldown } from 'vite';
import { build } from 'vite';

/** In bytes, scripts and styles after gzip, fonts and pictures not counted. */
export const firstLoadBudget = 100_000;

const pages = { door: 'web/room/RoomPage.svelte', episode: 'web/publication/EpisodePage.svelte' };

type Output = Pick<Rolldown.OutputChunk, 'fileName' | 'isEntry' | 'facadeModuleId' | 'imports' | 'code'> & {
  styles: string[];
};
/** A built bundle: its scripts, and the text of its style sheets by file name. */
export type Bundle = { chunks: Output[]; styles: Map<string, string> };

/** Gzipped bytes of the entry, of the page's chunk, of everything these import statically, and of their styles. */
export const firstLoadBytes = ({ chunks, styles }: Bundle, page: string): number => {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const roots = chunks.filter((chunk) => chunk.isEntry || chunk.facadeModuleId?.endsWith(page));
  if (!roots.some((chunk) => chunk.facadeModuleId?.endsWith(page))) throw new Error(`${page} is no chunk of its own`);
  const loaded = new Set<Output>();
  const queue = [...roots];
  for (let chunk = queue.pop(); chunk; chunk = queue.pop()) {
    if (loaded.has(chunk)) continue;
    loaded.add(chunk);
    queue.push(...chunk.imports.map((name) => byName.get(name)).filter((next) => next !== undefined));
  }
  const sheets = new Set([...loaded].flatMap((chunk) => chunk.styles));
  const texts = [...[...loaded].map((chunk) => chunk.code), ...[...sheets].map((name) => styles.get(name) ?? '')];
  return texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
};

/** Builds the web app in memory. */
export const buildBundle = async (root: string): Promise<Bundle> => {
  const result = await build({ root, logLevel: 'silent', build: { write: false } });
  if (!Array.isArray(result) && !('output' in result)) throw new Error('vite was asked to watch');
  const files = [result].flat().flatMap(({ output }) => output);
  const chunks = files
    .filter((file) => file.type === 'chunk')
    .map((chunk) => ({ ...chunk, styles: [...(chunk.viteMetadata?.importedCss ?? [])] }));
  const sheets = files.filter((file) => file.type === 'asset' && file.fileName.endsWith('.css'));
  const styles = sheets.map((file) => [file.fileName, String((file as Rolldown.OutputAsset).source)] as const);
  return { chunks, styles: new Map(styles) };
};

/** The budget over the pages that strangers open first. */
export const checkBundle = async (root: string): Promise<string[]> => {
  const bundle = await buildBundle(root);
  return Object.entries(pages).flatMap(([name, page]) => {
    const bytes = firstLoadBytes(bundle, page);
    return bytes > firstLoadBudget ? [`${name}: ${bytes} bytes on first load, max ${firstLoadBudget}`] : [];
  });
};
