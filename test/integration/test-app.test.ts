import { expect, it } from 'vitest';
import { openSql } from '../../server/platform/sql.ts';
import { startTestApp } from '../support/app.ts';
import { services } from '../support/services.ts';

it('two servers under test run side by side, and stopping them leaves no database behind', async () => {
  const apps = await Promise.all([startTestApp(), startTestApp()]);
  const answers = await Promise.all(apps.map(({ baseUrl }) => fetch(`${baseUrl}/healthz`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  await Promise.all(apps.map((app) => app.stop()));
  const names = apps.map(({ config }) => new URL(config.databaseUrl).pathname.slice(1));
  const sql = openSql(services().postgresUrl);
  const left = await sql`SELECT datname FROM pg_database WHERE datname IN ${sql(names)}`;
  await sql.end();
  expect(left).toHaveLength(0);
});
