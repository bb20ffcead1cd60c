/** The size budget: a file is about one thing, a function fits on a screen. */
import ts from 'typescript';
import type { SourceText } from './source.ts';
import { isScript, lineOf, parseSource, walk } from './source.ts';

/** All in lines. `most*` is what nine of ten may have, `max*` what none may exceed. */
export const budget = {
  medianFile: 90,
  mostFiles: 250,
  maxFile: 400,
  mostFunctions: 40,
  maxFunction: 80,
  maxComponent: 120,
};

/** `lines` of a function are its own: functions declared by name inside it count for themselves. */
export type Measured = { where: string; lines: number };

const linesIn = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

const isNamedFunction = (node: ts.Node): boolean => {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return true;
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return false;
  return ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent);
};

const isTestCase = (node: ts.Node): boolean =>
  ts.isArrowFunction(node) &&
  ts.isCallExpression(node.parent) &&
  /^(it|test)\b/.test(node.parent.expression.getText().replace(/\(.*/s, ''));

/** Every named function and every test of a file with its length. */
export const measureFunctions = (file: SourceText): Measured[] => {
  const source = parseSource(file);
  const found: { node: ts.Node; lines: number }[] = [];
  walk(source, (node) => {
    if (!isNamedFunction(node) && !isTestCase(node)) return;
    const end = source.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    const lines = end - lineOf(source, node) + 1;
    // Parents come first: the last one that encloses this node is the nearest.
    const outer = found.findLast((one) => one.node.pos <= node.pos && node.end <= one.node.end);
    if (outer && lines > 1) outer.lines -= lines;
    found.push({ node, lines });
  });
  return found.map(({ node, lines }) => ({ where: `${file.path}:${lineOf(source, node)}`, lines }));
};

/** The value that `share` of the numbers do not exceed; 0 for none. */
export const quantile = (numbers: number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(numbers.length * share) - 1)] ?? 0;

const over = (measured: Measured[], max: number, what: string): string[] =>
  measured
    .filter(({ lines }) => lines > max)
    .map(({ where, lines }) => `${where} ${what} has ${lines} lines, max ${max}`);

const spread = (measured: Measured[], share: number, max: number, what: string): string[] => {
  const value = quantile(
    measured.map(({ lines }) => lines),
    share,
  );
  return value > max ? [`${what}: ${value} lines, max ${max}`] : [];
};

/** The size budget over all files. */
export const checkSize = (files: SourceText[]): string[] => {
  const lengths = files.map(({ path, text }) => ({ where: path, lines: linesIn(text) }));
  const components = lengths.filter(({ where }) => where.endsWith('.svelte'));
  const functions = files.filter(isScript).flatMap(measureFunctions);
  return [
    ...over(lengths, budget.maxFile, 'the file'),
    ...over(components, budget.maxComponent, 'the component'),
    ...over(functions, budget.maxFunction, 'the function'),
    ...spread(lengths, 0.5, budget.medianFile, 'median of the files'),
    ...spread(lengths, 0.9, budget.mostFiles, 'nine of ten files'),
    ...spread(functions, 0.9, budget.mostFunctions, 'nine of ten functions'),
  ];
};
