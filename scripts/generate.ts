/**
 * Everything that is written by a tool from something that is committed: the Prisma client, the messages of the web
 * app, the types of the API. Each part runs again only when its inputs have changed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/** `inputs` are globs below the repository root; `output` is a file that exists once the part was made. */
type Part = { name: string; inputs: string[]; output: string; make: () => Promise<void> };

const makePrismaClient = async (): Promise<void> => {
  const cli = join(root, 'node_modules/prisma/build/index.js');
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  await promisify(execFile)(process.execPath, [cli, 'generate', '--no-hints'], { cwd: root, env });
};

const makeMessages = async (): Promise<void> => {
  const { compile } = await import('@inlang/paraglide-js');
  const { paraglideOptions } = await import('../web/paraglide.options.ts');
  const { project, outdir } = paraglideOptions;
  await compile({ ...paraglideOptions, project: join(root, project), outdir: join(root, outdir) });
};

const makeApiTypes = async (): Promise<void> => {
  const { default: openapiTS, astToString } = await import('openapi-typescript');
  const ast = await openapiTS(pathToFileURL(join(root, 'docs/openapi.json')));
  const head = '// Written by `npm run generate` from docs/openapi.json.\n';
  await mkdir(join(root, 'web/api'), { recursive: true });
  await writeFile(join(root, 'web/api/openapi.d.ts'), head + astToString(ast));
};

const parts: Part[] = [
  {
    name: 'Prisma client',
    inputs: ['prisma/schema.prisma', 'prisma.config.ts'],
    output: 'server/platform/prisma/client.ts',
    make: makePrismaClient,
  },
  {
    name: 'messages',
    inputs: ['web/messages/*.json', 'web/project.inlang/settings.json', 'web/paraglide.options.ts'],
    output: 'web/paraglide/messages.js',
    make: makeMessages,
  },
  { name: 'API types', inputs: ['docs/openapi.json'], output: 'web/api/openapi.d.ts', make: makeApiTypes },
];

const hashOf = async (part: Part): Promise<string> => {
  const hash = createHash('sha256');
  // The lockfile stands for the version of each tool.
  for (const pattern of [...part.inputs, 'package-lock.json']) {
    const files = globSync(pattern, { cwd: root });
    if (files.length === 0) throw new Error(`${part.name}: ${pattern} is missing`);
    for (const file of files.toSorted()) hash.update(file).update(await readFile(join(root, file)));
  }
  return hash.digest('hex');
};

/**
 * Makes the generated files and returns the names of the parts that were made. With `onlyIfStale` a part whose inputs
 * have not changed since the last time is left alone.
 */
export const generate = async (options: { onlyIfStale?: boolean } = {}): Promise<string[]> => {
  const made = await Promise.all(
    parts.map(async (part) => {
      const stamp = join(root, 'node_modules/.cache/loggia', `${part.name}.sha256`);
      const hash = await hashOf(part);
      const last = await readFile(stamp, 'utf8').catch(() => '');
      if (options.onlyIfStale && last === hash && existsSync(join(root, part.output))) return [];
      await part.make();
      await mkdir(dirname(stamp), { recursive: true });
      await writeFile(stamp, hash);
      return [part.name];
    }),
  );
  return made.flat();
};

if (import.meta.main) {
  const made = await generate({ onlyIfStale: process.argv.includes('--if-stale') });
  console.log(made.length > 0 ? `generated: ${made.join(', ')}` : 'nothing to generate');
  // The message compiler leaves timers of 30 s behind.
  process.exit();
}
