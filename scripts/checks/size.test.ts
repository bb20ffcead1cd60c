import { describe, expect, it } from 'vitest';
import { checkSize, measureFunctions, quantile } from './size.ts';

const linesOf = (count: number): string => 'x;\n'.repeat(count);
const file = (path: string, text: string) => ({ path, text });

describe('measureFunctions', () => {
  it('counts a function from its first to its last line', () => {
    expect(measureFunctions(file('a.ts', `const f = () => {\n${linesOf(3)}};\n`))).toEqual([
      { where: 'a.ts:1', lines: 5 },
    ]);
  });

  it('counts a named function inside another one for itself, and callbacks with the one around them', () => {
    const text = `function outer() {\n  const inner = () => {\n    x;\n  };\n  list.map(() => {\n    x;\n  });\n}\n`;
    expect(measureFunctions(file('a.ts', text)).map(({ lines }) => lines)).toEqual([5, 3]);
  });

  it('counts tests one by one, not the describe around them', () => {
    const text = `describe('d', () => {\n  it('a', () => {\n    x;\n  });\n  it.each([1])('b', () => {\n    x;\n    y;\n  });\n});\n`;
    expect(measureFunctions(file('a.test.ts', text)).map(({ lines }) => lines)).toEqual([3, 4]);
  });
});

describe('size budget', () => {
  it('refuses a file of 401 lines and a component of 121', () => {
    expect(checkSize([file('a.ts', linesOf(10)), file('b.ts', linesOf(401)), file('c.ts', 'x;\n')])).toContain(
      'b.ts the file has 401 lines, max 400',
    );
    expect(checkSize([file('A.svelte', linesOf(121)), file('c.ts', 'x;\n')])).toContain(
      'A.svelte the component has 121 lines, max 120',
    );
  });

  it('refuses a function of 81 lines', () => {
    const text = `const f = () => {\n${linesOf(79)}};\n`;
    expect(checkSize([file('a.ts', text)])).toContain('a.ts:1 the function has 81 lines, max 80');
  });

  it('refuses many files that are only just allowed', () => {
    expect(checkSize(Array.from({ length: 10 }, () => file('a.ts', linesOf(100))))).toEqual([
      'median of the files: 100 lines, max 90',
    ]);
  });

  it('finds nothing in small files', () => {
    expect(checkSize([file('a.ts', linesOf(80))])).toEqual([]);
  });
});

it('quantile gives the number that the share does not exceed', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 100], 0.9)).toBe(9);
  expect(quantile([], 0.5)).toBe(0);
});
