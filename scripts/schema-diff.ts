/**
 * Compares a live database with prisma/schema.prisma by Prisma's own schema engine, compiled to WebAssembly (the native
 * one would have to be downloaded). Development only: authoring a migration, and the test that migrations suffice.
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { QueryConfig, QueryResult } from 'pg';
import { Pool } from 'pg';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';

const schemaPath = fileURLToPath(new URL('../prisma/schema.prisma', import.meta.url));

type EngineGlue = typeof engine & { __wbg_set_wasm: (exports: WebAssembly.Exports) => void };

/** Node imports no `.wasm` without a flag, so the package's entry is done by hand: instantiate, hand over, start. */
const loadEngine = async (): Promise<typeof engine.SchemaEngine> => {
  const glue = engine as EngineGlue;
  const bytes = await readFile(new URL('schema_engine_bg.wasm', import.meta.resolve('@prisma/schema-engine-wasm')));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': { ...glue } });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return glue.SchemaEngine;
};

// Once per process: the glue keeps views into the memory of the first instance.
let loaded: ReturnType<typeof loadEngine> | undefined;

// Type numbers in Postgres' catalog.
const oneByteChar = 18;
const text = 25;

/**
 * The engine reads catalog columns of the one-byte type "char", which adapter-pg cannot name to it. They are let through
 * as text, and named afterwards; the rows, the same object on both sides, tell which columns these were.
 */
const openCatalog = (databaseUrl: string) => {
  const oneByteColumns = new WeakMap<object, number[]>();
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  const query = pool.query.bind(pool) as (config: QueryConfig) => Promise<QueryResult>;
  const queryAsText = async (config: QueryConfig) => {
    const result = await query(config);
    const columns = result.fields?.flatMap((field, index) => (field.dataTypeID === oneByteChar ? [index] : [])) ?? [];
    for (const index of columns) result.fields[index]!.dataTypeID = text;
    if (columns.length > 0) oneByteColumns.set(result.rows, columns);
    return result;
  };
  const factory = new PrismaPg(Object.assign(pool, { query: queryAsText }));
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (sql) => {
      const result = await queryRaw(sql);
      for (const index of oneByteColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    };
    return adapter;
  };
  return { adapter: bindMigrationAwareSqlAdapterFactory(factory), close: () => pool.end() };
};

/**
 * The SQL that would bring the database at `databaseUrl` to prisma/schema.prisma; empty when nothing differs.
 * Prisma sees neither UNLOGGED nor partial indexes, so those live in hand-written lines of the migrations.
 */
export const diffFromDatabase = async (databaseUrl: string): Promise<string> => {
  const SchemaEngine = await (loaded ??= loadEngine());
  const content = await readFile(schemaPath, 'utf8');
  const catalog = openCatalog(databaseUrl);
  const diffEngine = await SchemaEngine.new({ datamodels: [[schemaPath, content]] }, () => undefined, catalog.adapter);
  try {
    const result = await diffEngine.diff({
      from: { tag: 'schemaDatasource', files: [{ path: schemaPath, content }], configDir: dirname(schemaPath) },
      to: { tag: 'schemaDatamodel', files: [{ path: schemaPath, content }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    const sql = result.stdout ?? '';
    return sql.includes('This is an empty migration') ? '' : sql;
  } finally {
    diffEngine.free();
    await catalog.close();
  }
};
