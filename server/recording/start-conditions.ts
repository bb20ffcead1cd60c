/** What has to be there before a take may start; each thing that is missing is a Problem with its reason, at once. */
import { constants } from 'node:fs';
import { access, mkdir, open, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Config } from '../config.ts';
import type { MediaPort } from '../media/port.ts';
import { randomId } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import { DEFAULT_LIMITS } from './capture/control.schema.ts';
import { freeBytesAt } from './capture/watchdog.ts';
import { ffmpegReadiness } from './ffmpeg-probe.ts';

const MIB = 1024 * 1024;
/** A service that has not answered by then counts as away: a start is refused well within 5 s. */
const ANSWER_MS = 2_500;

const inTime = async (ask: Promise<boolean>): Promise<boolean> => {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ANSWER_MS);
  return Promise.race([ask.catch(() => false), late]).finally(() => clearTimeout(timer));
};

/** Writes a byte: permissions, a read-only disk, a quota and a folder that is none are all found out in the same way. */
const checkWritable = async (folder: string): Promise<void> => {
  const path = join(folder, `.${randomId()}.tmp`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.write('\n');
    } finally {
      await file.close();
    }
    await rm(path);
  } catch (cause) {
    await rm(path, { force: true }).catch(() => {});
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new Problem('disk-full', { detail: `The disk says ${code}.` });
    const detail = `The folder of the recordings (RECORDINGS_DIR) cannot be written: ${code}.`;
    throw new Problem('disk-failed', { detail, cause });
  }
};

export type StartConditionsDeps = {
  config: Pick<Config, 'recordingsDir' | 'ffmpegBin'>;
  media: Pick<MediaPort, 'isHealthy'>;
  freeBytes?: (folder: string) => Promise<number>;
};

/** Throws `media-unavailable`, `disk-failed`, `disk-full` or `recording-unavailable` (ffmpeg). Asked before every start. */
export const startConditions = ({ config, media, freeBytes = freeBytesAt }: StartConditionsDeps) => {
  const { recordingsDir, ffmpegBin } = config;
  const isCapable = ffmpegReadiness(ffmpegBin);

  const checkDisk = async (): Promise<void> => {
    await checkWritable(recordingsDir);
    const free = await freeBytes(recordingsDir);
    if (free >= DEFAULT_LIMITS.startFreeBytes) return;
    const [has, needs] = [free, DEFAULT_LIMITS.startFreeBytes].map((bytes) => Math.floor(bytes / MIB));
    throw new Problem('disk-full', { detail: `${has} MiB are free; a recording starts with ${needs} MiB or more.` });
  };

  const checkFfmpeg = async (): Promise<void> => {
    // What could do everything once is not asked for it again, only whether it is still there
    const isThere =
      !isAbsolute(ffmpegBin) ||
      (await access(ffmpegBin, constants.X_OK).then(
        () => true,
        () => false,
      ));
    if (isThere && (await inTime(isCapable()))) return;
    const detail = 'ffmpeg (FFMPEG_BIN) does not answer, or cannot do what a recording needs: see npm run doctor.';
    throw new Problem('recording-unavailable', { detail });
  };

  const checkMedia = async (): Promise<void> => {
    if (await inTime(media.isHealthy())) return;
    throw new Problem('media-unavailable', { detail: 'LiveKit does not answer.' });
  };

  return async (): Promise<void> => {
    await Promise.all([checkMedia(), checkDisk(), checkFfmpeg()]);
  };
};

export type StartConditions = ReturnType<typeof startConditions>;
