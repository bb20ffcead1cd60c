import { defineConfig } from 'prisma/config';

// `prisma generate` only parses the schema, yet it insists on having a schema engine and would download one.
// Any existing executable satisfies it; migrations never go through the engine (server/platform/migrate.ts).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
