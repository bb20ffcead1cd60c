import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder for what is fetched or built once per machine (Node, LiveKit, ffmpeg), shared by all clones. */
export const cacheDir = (env = process.env) => join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'loggia');
