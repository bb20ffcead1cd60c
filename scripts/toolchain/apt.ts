/* Debian's package manager, used only when we are root and nothing else helped. */
import { existsSync } from 'node:fs';
import type { Say } from './part.ts';
import { isRoot, onPath } from './system.ts';
import { run } from './run.ts';

/** True when this user may install packages here: root on Debian or one of its descendants. */
export const canAptInstall = (): boolean =>
  isRoot() && existsSync('/etc/debian_version') && onPath('apt-get') !== undefined;

/** Installs one Debian package as root, with a fresh list of packages when the first try finds nothing. */
export const aptInstall = async (name: string, say: Say): Promise<void> => {
  say(`Installing ${name} with apt-get ...`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', name], options);
  await install().catch(async () => {
    await run('apt-get', ['update'], options);
    await install();
  });
};
