import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { readLines } from './json-lines.ts';

it('lines end with a stream that breaks, and nothing else does', async () => {
  const stream = new PassThrough();
  stream.on('error', () => {});
  const lines: number[] = [];
  readLines(stream, z.number(), (line) => lines.push(line));
  const broken = new Promise<void>((resolve) => stream.once('close', resolve));
  stream.write('1\n');
  await new Promise<void>((resolve) => setImmediate(resolve));
  stream.destroy(new Error('ECONNRESET'));
  await broken;
  expect(lines).toEqual([1]);
});
