import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, profileOf, settings } from './config.ts';

const key = 'k'.repeat(40);
const enough = {
  DATABASE_URL: 'postgres://loggia:hidden-password@127.0.0.1:5432/loggia',
  LIVEKIT_URL: 'ws://127.0.0.1:7880',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: key,
  ADMISSION_SECRET: key,
};

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

describe('loadConfig', () => {
  it('lists every wrong setting in one error', () => {
    const wrong = { PORT: '80a', TRUST_PROXY: '99', LOG_LEVEL: 'loud', PUBLIC_URL: 'http://rooms.example.org' };
    const names = faultsOf({ ...enough, ...wrong }).map((fault) => fault.split(' ')[0]);
    expect(names.toSorted()).toEqual(['LOG_LEVEL', 'OPERATOR_CONTACT', 'PORT', 'PUBLIC_URL', 'TRUST_PROXY']);
  });

  it('never repeats the value of a setting it refuses', () => {
    const faults = faultsOf({ ...enough, ADMISSION_SECRET: 'too-short-secret', DATABASE_URL: 'mysql://u:pass@h/db' });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toMatch(/too-short-secret|pass/);
  });

  it('takes an empty value as not set, relative folders from the project, and the public address from the port', () => {
    const config = loadConfig({ ...enough, PORT: '8123', DATA_DIR: 'elsewhere', MEDIA_ADDRESS: ' ' });
    expect(config.publicUrl).toBe('http://localhost:8123');
    expect(config.dataDir).toBe(join(import.meta.dirname, '../elsewhere'));
    expect(config.mediaAddress).toBeUndefined();
  });

  it('asks whoever runs a public instance for https and for a contact', () => {
    expect(faultsOf({ ...enough, PUBLIC_URL: 'https://rooms.example.org' })).toHaveLength(1);
    expect(faultsOf({ ...enough, PUBLIC_URL: 'https://rooms.example.org', OPERATOR_CONTACT: 'a@example.org' })).toEqual(
      [],
    );
    expect(faultsOf({ ...enough, PUBLIC_URL: 'http://192.168.1.20:7300' })).toEqual([]);
  });

  it('keeps the folder of the sockets short, however deep the data folder lies', () => {
    const config = loadConfig({ ...enough, DATA_DIR: `/srv/${'deep/'.repeat(40)}` });
    expect(config.runtimeDir.length).toBeLessThan(80);
  });
});

describe('profileOf', () => {
  it.each([
    ['http://localhost:7300', 'local'],
    ['http://127.0.0.1:7300', 'local'],
    ['https://localhost', 'local'],
    ['http://192.168.1.20:7300', 'lan'],
    ['http://studio.local', 'lan'],
    ['https://192.168.1.20', 'public'],
    ['http://172.32.0.1', 'public'],
    ['http://10.example.org', 'public'],
    ['https://rooms.example.org', 'public'],
  ])('%s is %s', (address, profile) => expect(profileOf(address)).toBe(profile));
});

it('no setting is there for nothing', async () => {
  const root = join(import.meta.dirname, '..');
  const files = ['server', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/(^config|\.test)\.ts$|^platform.prisma/.test(file))
      .map((file) => join(root, folder, file)),
  );
  const code = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const camelCase = (name: string): string =>
    name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const isRead = (name: string): boolean => new RegExp(`\\b(${name}|${camelCase(name)})\\b`).test(code);
  expect(Object.keys(settings.shape).filter((name) => !isRead(name))).toEqual([]);
});
