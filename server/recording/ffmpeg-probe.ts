import { createHash } from 'node:crypto';
import { Problem } from '../problems.ts';
import { runFfmpeg } from './ffmpeg.ts';

/**
 * What one ffmpeg can do. `missing` is empty when it can do all that a render asks. `build` is a hash of everything it
 * says about itself: two renders give the same bytes when it is the same. `limiterLatency`: see `masterArgs`.
 */
export type FfmpegCapabilities = {
  bin: string;
  version: string;
  build: string;
  missing: string[];
  limiterLatency: boolean;
};

const FILTERS = [
  ...['aresample', 'adelay', 'apad', 'atrim', 'afade', 'aformat', 'asetpts', 'concat', 'anullsrc', 'aevalsrc'],
  ...['highpass', 'afftdn', 'volume', 'amix', 'acompressor', 'alimiter', 'ebur128'],
];
const ENCODERS = ['flac', 'libmp3lame', 'aac', 'libopus'];

/** Asks an ffmpeg for its version, filters and encoders (floor 4.4). Throws `recording-unavailable` when it is absent. */
export const probeFfmpeg = async (bin: string, signal?: AbortSignal): Promise<FfmpegCapabilities> => {
  const [version, filters, encoders, limiter] = await Promise.all([
    ask(bin, ['-version'], signal),
    ask(bin, ['-filters'], signal),
    ask(bin, ['-encoders'], signal),
    ask(bin, ['-h', 'filter=alimiter'], signal),
  ]);
  const filterNames = names(filters);
  const encoderNames = names(encoders);
  return {
    bin,
    version: /^ffmpeg version (\S+)/m.exec(version)?.[1] ?? 'unknown',
    build: createHash('sha256').update(version).digest('hex').slice(0, 16),
    missing: [
      ...FILTERS.filter((name) => !filterNames.has(name)).map((name) => `filter ${name}`),
      ...ENCODERS.filter((name) => !encoderNames.has(name)).map((name) => `encoder ${name}`),
    ],
    limiterLatency: /^\s+latency\s/m.test(limiter),
  };
};

/** Lists are lines of flags, name, description. */
const names = (list: string): Set<string> =>
  new Set(list.split('\n').flatMap((line) => /^\s*[A-Z.|]{2,}\s+(\w+)/.exec(line)?.[1] ?? []));

const ask = async (bin: string, args: string[], signal?: AbortSignal): Promise<string> => {
  const chunks: Buffer[] = [];
  try {
    await runFfmpeg(args, { bin, signal, timeLimitMs: 20_000, onData: (chunk) => chunks.push(chunk) });
  } catch (error) {
    signal?.throwIfAborted();
    throw new Problem('recording-unavailable', { detail: 'ffmpeg does not answer.', cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** A readiness check of an ffmpeg: probed until it has everything a render asks for, then not asked again. */
export const ffmpegReadiness = (bin: string): (() => Promise<boolean>) => {
  let isCapable = false;
  return async () => (isCapable ||= (await probeFfmpeg(bin)).missing.length === 0);
};
