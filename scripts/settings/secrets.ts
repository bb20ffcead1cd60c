/* Secrets nobody has to choose: made at the first start, kept in the data folder, readable by their owner alone. */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  livekitApiKey: z.string().min(1),
  livekitApiSecret: z.string().min(32),
  admissionSecret: z.string().min(32),
  databasePassword: z.string().min(16),
});

export type Secrets = z.output<typeof secretsSchema>;

export const secretsPath = (dataDir: string): string => join(dataDir, 'secrets.json');

const makeSecrets = (): Secrets => {
  const random = (bytes: number) => randomBytes(bytes).toString('base64url');
  return {
    livekitApiKey: `loggia${randomBytes(6).toString('hex')}`,
    livekitApiSecret: random(32),
    admissionSecret: random(32),
    databasePassword: random(24),
  };
};

/** The secrets of this data folder, or undefined before the first start. */
export const readSecrets = (dataDir: string): Secrets | undefined => {
  const path = secretsPath(dataDir);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return secretsSchema.parse(JSON.parse(content));
  } catch {
    throw new Error(`${path} is damaged: put back a copy of it. Without it the database cannot be opened.`);
  }
};

const writeSecrets = (dataDir: string, secrets: Secrets): void => {
  const path = secretsPath(dataDir);
  const file = openSync(`${path}.new`, 'w', 0o600);
  writeSync(file, `${JSON.stringify(secrets, null, 2)}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
};

/** The secrets of this data folder; `keep()` writes them when they are new, and closes an old file to others. */
export const secretsOf = (dataDir: string): { secrets: Secrets; keep: () => void } => {
  const existing = readSecrets(dataDir);
  const secrets = existing ?? makeSecrets();
  const keep = (): void => (existing ? chmodSync(secretsPath(dataDir), 0o600) : writeSecrets(dataDir, secrets));
  return { secrets, keep };
};
