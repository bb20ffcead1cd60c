/** The files that the house rules speak of, and how they are parsed. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A file of ours: path below the repository root with forward slashes, and its text. */
export type SourceText = { path: string; text: string };

const folders = 'server,web,scripts,test,bench';
const endings = 'ts,mjs,js,svelte,css';
const generated = ['server/platform/prisma/', 'web/paraglide/', 'web/api/openapi.d.ts'];

/** Reads every file of ours below `root`; generated ones are left out. */
export const readSources = (root: string): SourceText[] =>
  globSync([`{${folders}}/**/*.{${endings}}`, '*.{ts,js}'], { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !generated.some((prefix) => path.startsWith(prefix)))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** Svelte's markup is blanked out and its scripts are kept where they stand, so that line numbers stay true. */
const scriptsOf = (text: string): string => {
  let kept = '';
  let end = 0;
  for (const match of text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)) {
    const start = match.index + match[0].indexOf('>') + 1;
    kept += text.slice(end, start).replaceAll(/[^\n]/g, ' ') + match[1];
    end = start + (match[1] ?? '').length;
  }
  return kept;
};

/** Parses TypeScript, JavaScript, or the scripts of a Svelte component. Nothing is resolved or type-checked. */
export const parseSource = ({ path, text }: SourceText): ts.SourceFile =>
  ts.createSourceFile(path, path.endsWith('.svelte') ? scriptsOf(text) : text, ts.ScriptTarget.Latest, true);

/** True for what the TypeScript parser can read. */
export const isScript = ({ path }: SourceText): boolean => /\.(ts|mjs|js|svelte)$/.test(path);

/** The line of a node, counted from 1. */
export const lineOf = (source: ts.SourceFile, node: ts.Node): number =>
  source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;

/** Calls `visit` for every node of a file, parents first. */
export const walk = (source: ts.SourceFile, visit: (node: ts.Node) => void): void => {
  const step = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(source);
};
