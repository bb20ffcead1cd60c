/**
 * The import rules of ARCHITECTURE.md: the chapters of the server stand in the order in which the data flows, and each
 * outside part that matters has one door.
 */
import { posix } from 'node:path';
import ts from 'typescript';
import type { SourceText } from './source.ts';
import { isScript, lineOf, parseSource, walk } from './source.ts';

/** One import of a file; relative specifiers are resolved to paths below the root. */
export type Import = { target: string; isRelative: boolean; isTypeOnly: boolean; line: number };

const chapters = ['people', 'room', 'stage', 'media', 'recording', 'publication'];
// What the door and an episode load first has 100 kB: no schema at run time.
const isLight = /^web\/(room|publication)\//;
const composition = /^server\/(app|main)\.ts$/;

/** Who alone may import a package, or our own folder of that name. */
const soleImporters: { what: RegExp; by: RegExp; sentence: string }[] = [
  {
    what: /^livekit-server-sdk(\/|$)/,
    by: /^(server\/media\/livekit(\.test)?\.ts$|test\/)/,
    sentence: 'only server/media/livekit.ts imports livekit-server-sdk',
  },
  { what: /^livekit-client(\/|$)/, by: /^web\/media\//, sentence: 'only web/media/ imports livekit-client' },
  {
    what: /^@livekit\/rtc-node(\/|$)/,
    by: /^(server\/recording\/capture\/|test\/support\/bot)/,
    sentence: 'only server/recording/capture/ and the bot of test/support/ import @livekit/rtc-node',
  },
  {
    what: /^(server\/platform\/prisma\/|@prisma\/client(\/|$))/,
    by: /(\.store\.ts|^server\/platform\/db\.ts)$/,
    sentence: "only *.store.ts and server/platform/db.ts import Prisma's client",
  },
];

const isTypeOnlyClause = (clause: ts.ImportClause | undefined): boolean => {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return !clause.name && !!named && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly);
};

const importOf = (node: ts.Node): { specifier: ts.Node | undefined; isTypeOnly: boolean } | undefined => {
  if (ts.isImportDeclaration(node)) {
    return { specifier: node.moduleSpecifier, isTypeOnly: isTypeOnlyClause(node.importClause) };
  }
  if (ts.isExportDeclaration(node)) return { specifier: node.moduleSpecifier, isTypeOnly: node.isTypeOnly };
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: node.argument.literal, isTypeOnly: true };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: node.arguments[0], isTypeOnly: false };
  }
  return undefined;
};

/** Every import of a file: static, re-exported, dynamic, and in a type position. */
export const importsOf = (file: SourceText): Import[] => {
  const source = parseSource(file);
  const imports: Import[] = [];
  walk(source, (node) => {
    const found = importOf(node);
    if (!found?.specifier || !ts.isStringLiteralLike(found.specifier)) return;
    const specifier = found.specifier.text;
    const isRelative = specifier.startsWith('.');
    const target = isRelative ? posix.join(posix.dirname(file.path), specifier) : specifier;
    imports.push({ target, isRelative, isTypeOnly: found.isTypeOnly, line: lineOf(source, node) });
  });
  return imports;
};

const chapterOf = (path: string): string | undefined => /^server\/([^/]+)\//.exec(path)?.[1];

const directionFault = (path: string, { target, isTypeOnly }: Import): string | undefined => {
  if (!path.startsWith('server/') || composition.test(path)) return undefined;
  if (composition.test(target)) return 'nothing imports the composition';
  const [from, to] = [chapterOf(path), chapterOf(target)];
  if (to === undefined || !chapters.includes(to) || from === to) return undefined;
  if (target === 'server/media/port.ts' && isTypeOnly) return undefined;
  if (from === undefined || !chapters.includes(from)) return `${from ?? path} serves the chapters, it imports none`;
  return chapters.indexOf(to) > chapters.indexOf(from)
    ? `${from} stands left of ${to} and may not import it`
    : undefined;
};

const boundaryFault = (path: string, { target, isRelative, isTypeOnly }: Import): string | undefined => {
  const isTest = path.endsWith('.test.ts');
  const isNode = target.startsWith('node:');
  if (path.startsWith('server/') && /^(scripts|test|bench)\//.test(target) && !isTest) {
    return 'the server imports neither scripts nor tests';
  }
  if (path.startsWith('web/') && !isTest) {
    if (isNode) return 'the browser has no Node built-ins';
    if (target.startsWith('server/') && !target.endsWith('.schema.ts'))
      return 'web/ imports only *.schema.ts of server/';
    if (isLight.test(path) && target.startsWith('server/') && !isTypeOnly)
      return 'door and episode import only types of server/';
  }
  if (path.endsWith('.schema.ts') && !isRelative && target !== 'zod') {
    return 'a schema goes to the browser too: its only package is zod';
  }
  return undefined;
};

const doorFault = (path: string, { target }: Import): string | undefined =>
  soleImporters.find(({ what, by }) => what.test(target) && !by.test(path))?.sentence;

/** The violations in one file, each as `path:line target: sentence`. */
export const importFaults = (file: SourceText): string[] =>
  importsOf(file).flatMap((one) =>
    [directionFault(file.path, one), boundaryFault(file.path, one), doorFault(file.path, one)]
      .filter((sentence) => sentence !== undefined)
      .map((sentence) => `${file.path}:${one.line} ${one.target}: ${sentence}`),
  );

/** The import rules over all files. */
export const checkImports = (files: SourceText[]): string[] => files.filter(isScript).flatMap(importFaults);
