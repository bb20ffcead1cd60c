import { describe, expect, it } from 'vitest';
import { pendingMigrations, readMigrations } from './migrate.ts';

const first = { name: '20260101000000_first', sql: 'SELECT 1', checksum: 'aa' };
const second = { name: '20260202000000_second', sql: 'SELECT 2', checksum: 'bb' };
const row = (migration: { name: string; checksum: string }) => ({
  migration_name: migration.name,
  checksum: migration.checksum,
});

describe('pendingMigrations', () => {
  it('gives what has not been applied, in order', () => {
    expect(pendingMigrations([first, second], [row(first)])).toEqual([second]);
    expect(pendingMigrations([first, second], [row(second), row(first)])).toEqual([]);
  });

  it('refuses an edited migration, naming it', () => {
    expect(() => pendingMigrations([{ ...first, checksum: 'cc' }], [row(first)])).toThrow(first.name);
  });

  it('refuses a database that is ahead of this version', () => {
    expect(() => pendingMigrations([first], [row(first), row(second)])).toThrow('this version has not');
  });

  it('refuses a new migration dated before one already applied', () => {
    expect(() => pendingMigrations([first, second], [row(second)])).toThrow('is older than the applied');
  });
});

it('every committed migration has a date, a name and the SHA-256 that Prisma computes', async () => {
  for (const migration of await readMigrations()) {
    expect(migration.name).toMatch(/^\d{14}_[a-z0-9_]+$/);
    expect(migration.checksum).toMatch(/^[0-9a-f]{64}$/);
  }
});
