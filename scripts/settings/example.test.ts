import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { environmentExample } from './example.ts';

it('.env.example is what the schema says (write it anew with: node scripts/settings/example.ts)', () => {
  expect(readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8')).toBe(environmentExample());
});
