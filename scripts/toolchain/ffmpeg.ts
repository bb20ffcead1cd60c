/* Finding an ffmpeg that can do all a render asks of it; one that cannot is passed over with a word why. */
import { chmodSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { probeFfmpeg } from '../../server/recording/ffmpeg-probe.ts';
import { cacheDir } from '../launch/cache.mjs';
import { withLock } from '../launch/lock.mjs';
import { aptInstall, canAptInstall } from './apt.ts';
import { inScratchFolder, unpackWheel } from './fetch.ts';
import { firstOf } from './part.ts';
import type { Part, Say } from './part.ts';
import { isExecutable, onPath } from './system.ts';

const wheel = 'imageio-ffmpeg==0.8.1';

const advice =
  'No capable ffmpeg (4.4 or later with libopus, libmp3lame, aac and flac) was found. Install one (Debian, Ubuntu: ' +
  'apt-get install ffmpeg; macOS: brew install ffmpeg), or set FFMPEG_BIN to one.';

const cachedPath = (): string => join(cacheDir(), 'ffmpeg', wheel.replace('==', '-'), 'ffmpeg');

/** The ffmpeg at `path` when it is there; throws with what it lacks when it is not enough. */
const capable = async (path: string | undefined, source: string): Promise<Part | undefined> => {
  if (!path || !isExecutable(path)) return undefined;
  const { missing, version } = await probeFfmpeg(path);
  if (missing.length > 0) throw new Error(`${path} lacks ${missing.join(', ')}`);
  return { path, source, version };
};

const fromNpm = (): string | undefined => {
  try {
    return createRequire(import.meta.url)('ffmpeg-static') as string;
  } catch {
    return undefined;
  }
};

const fromWheel = (say: Say): Promise<Part | undefined> =>
  inScratchFolder(async (folder) => {
    say('Fetching ffmpeg from PyPI ...');
    await unpackWheel(wheel, folder);
    const binaries = join(folder, 'imageio_ffmpeg', 'binaries');
    const name = readdirSync(binaries).find((file) => file.startsWith('ffmpeg-'));
    if (!name) throw new Error('the imageio-ffmpeg wheel holds no ffmpeg for this platform');
    chmodSync(join(binaries, name), 0o755);
    mkdirSync(dirname(cachedPath()), { recursive: true });
    renameSync(join(binaries, name), cachedPath());
    return capable(cachedPath(), 'PyPI wheel');
  });

const fromApt = async (say: Say): Promise<Part | undefined> => {
  if (!canAptInstall()) return undefined;
  await aptInstall('ffmpeg', say);
  return capable(onPath('ffmpeg'), 'apt-get');
};

const present = [
  { name: 'npm package ffmpeg-static', get: () => capable(fromNpm(), 'npm package') },
  { name: 'ffmpeg on PATH', get: () => capable(onPath('ffmpeg'), 'PATH') },
  { name: 'cache', get: () => capable(cachedPath(), 'cache') },
];

/** A capable ffmpeg that is already here: FFMPEG_BIN (an error when it is wrong), npm, PATH, cache. */
export const findFfmpeg = async (bin?: string): Promise<Part> => {
  if (!bin) return firstOf(present, advice);
  const part = await capable(onPath(bin) ?? bin, 'FFMPEG_BIN');
  if (!part) throw new Error(`FFMPEG_BIN is ${bin}, which is not a program this user may run.`);
  return part;
};

/** The same, and when there is none it is fetched from PyPI or installed with apt-get. */
export const resolveFfmpeg = async ({ bin, say }: { bin?: string; say: Say }): Promise<Part> => {
  if (bin) return findFfmpeg(bin);
  const fetched = [
    { name: 'imageio-ffmpeg wheel', get: () => fromWheel(say) },
    { name: 'apt-get', get: () => fromApt(say) },
  ];
  return findFfmpeg().catch(() =>
    withLock(join(cacheDir(), 'ffmpeg.lock'), () => firstOf([...present, ...fetched], advice)),
  );
};
