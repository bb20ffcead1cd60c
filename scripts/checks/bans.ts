/** What may not stand in the code at all, whatever its types say. */
import ts from 'typescript';
import type { SourceText } from './source.ts';
import { isScript, lineOf, parseSource, walk } from './source.ts';

const mayReadEnvironment = /^(server\/config\.ts|[^/]+\.config\.ts|scripts\/|test\/|bench\/)/;
const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.startsWith('test/');

const isProcessEnv = (node: ts.Node): boolean =>
  (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) &&
  /^process\s*(\?\.|\.)?\s*(env|\[['"]env['"]\])$/.test(node.getText());

const isSkippedTest = (node: ts.Node): boolean =>
  ts.isPropertyAccessExpression(node) &&
  /^(skip|only|todo|skipIf|runIf|fails|retry)$/.test(node.name.text) &&
  /^(describe|it|test|suite)\b/.test(node.expression.getText());

const isSleep = (node: ts.Node): boolean => {
  if (!ts.isCallExpression(node)) return false;
  const callee = node.expression.getText();
  const [first] = node.arguments;
  if (callee === 'setTimeout') return !!first && /^(resolve|done|wake|r)$/.test(first.getText());
  return callee === 'sleep' || callee === 'delay';
};

const isDefaultExport = (node: ts.Node): boolean => ts.isExportAssignment(node) && !node.isExportEquals;

type Ban = { applies: (path: string) => boolean; hit: (node: ts.Node) => boolean; sentence: string };

const bans: Ban[] = [
  {
    applies: (path) => !mayReadEnvironment.test(path),
    hit: isProcessEnv,
    sentence: 'the environment is read in server/config.ts alone and passed down',
  },
  { applies: isTest, hit: isSkippedTest, sentence: 'tests are neither skipped, singled out nor retried' },
  {
    applies: (path) => path.endsWith('.test.ts'),
    hit: isSleep,
    sentence: 'a test awaits an event or polls by until(), it does not sleep',
  },
  {
    applies: (path) => path.endsWith('.ts') && !/^[^/]+\.config\.ts$/.test(path),
    hit: isDefaultExport,
    sentence: 'exports have names',
  },
];

const textBans: { applies: RegExp; pattern: RegExp; sentence: string }[] = [
  { applies: /\.svelte$/, pattern: /\{@html\b/, sentence: '{@html} lets text of strangers become markup' },
  { applies: /\.(ts|mjs|js|svelte|css)$/, pattern: /\b(TODO|FIXME|XXX)\b/, sentence: 'finish it, or open an issue' },
  {
    applies: /\/(utils|helpers|types|common)\.ts$/,
    pattern: /^/,
    sentence: 'a thing lives in the chapter that owns it',
  },
];

const textFaults = ({ path, text }: SourceText): string[] =>
  textBans
    .filter((ban) => ban.applies.test(path))
    .flatMap((ban) => {
      const index = text.search(ban.pattern);
      return index < 0 ? [] : [`${path}:${text.slice(0, index).split('\n').length} ${ban.sentence}`];
    });

/** The violations in one file, each as `path:line sentence`. */
export const banFaults = (file: SourceText): string[] => {
  const faults = textFaults(file);
  const applying = bans.filter((ban) => ban.applies(file.path));
  if (!isScript(file) || applying.length === 0) return faults;
  const source = parseSource(file);
  walk(source, (node) => {
    for (const ban of applying) {
      if (ban.hit(node)) faults.push(`${file.path}:${lineOf(source, node)} ${ban.sentence}`);
    }
  });
  return faults;
};

// This file and its test have to name what they ban.
const exempt = /^scripts\/checks\/bans(\.test)?\.ts$/;

/** The bans over all files. */
export const checkBans = (files: SourceText[]): string[] =>
  files.filter((file) => !exempt.test(file.path)).flatMap(banFaults);
