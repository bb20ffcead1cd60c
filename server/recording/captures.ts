/**
 * The capture processes this instance controls: one per recording, started when a take may come (an armed room goes
 * live), found again after a restart of the API, started again when one dies. What a dead one leaves is its journal.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { MediaPort } from '../media/port.ts';
import { flushName } from '../platform/durable.ts';
import { randomId } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import { adoptCapture, killCapture, spawnCapture } from './capture/capture.client.ts';
import type { CaptureHandle } from './capture/capture.client.ts';
import { DEFAULT_LIMITS } from './capture/control.schema.ts';
import type { CaptureEvent, CaptureStatus } from './capture/control.schema.ts';

/** Which recording a capture belongs to. One recorder identity per recording, through all restarts. */
export type CaptureOwner = { recordingId: string; liveSessionId: string };
export type CaptureListener = (owner: CaptureOwner, event: CaptureEvent | { event: 'gone' }) => void;

export const recorderIdentity = (recordingId: string): string => `rec_${recordingId}`;

type Deps = { config: Config; media: Pick<MediaPort, 'issueToken'>; log: FastifyBaseLogger; listen: CaptureListener };

/** Sockets lie in a short folder: a path of more than 107 bytes cannot be bound. */
const socketPathOf = (config: Config, recordingId: string): string =>
  join(config.runtimeDir, `${createHash('sha256').update(recordingId).digest('hex').slice(0, 16)}.sock`);

const makeFolder = async (what: string, path: string): Promise<void> => {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    const detail = `The folder of the ${what} cannot be made: ${code}.`;
    throw new Problem('recording-unavailable', { detail, cause });
  }
};

export const captures = ({ config, media, log, listen }: Deps) => {
  const running = new Map<string, { owner: CaptureOwner; handle: Promise<CaptureHandle> }>();
  const bySession = new Map<string, string>();
  const heard = new Map<string, CaptureStatus>();

  const dirOf = (recordingId: string): string => join(config.recordingsDir, recordingId);

  const start = async (owner: CaptureOwner): Promise<CaptureHandle> => {
    const maxDurationMs = config.maxRecordingHours * 3_600_000;
    const token = await media.issueToken({
      role: 'recorder',
      liveSessionId: owner.liveSessionId,
      identity: recorderIdentity(owner.recordingId),
      mayPublish: false,
      // It rejoins with this token as long as the live session may last
      ttlSeconds: config.maxSessionHours * 3600,
    });
    await makeFolder('recordings (RECORDINGS_DIR)', join(dirOf(owner.recordingId), 'raw'));
    await flushName(dirOf(owner.recordingId));
    await makeFolder('sockets (RUNTIME_DIR)', config.runtimeDir);
    return spawnCapture({
      recordingId: owner.recordingId,
      dir: dirOf(owner.recordingId),
      socketPath: socketPathOf(config, owner.recordingId),
      livekitUrl: config.livekitUrl,
      ffmpegBin: config.ffmpegBin,
      token,
      limits: { ...DEFAULT_LIMITS, maxDurationMs },
    });
  };

  const watch = (owner: CaptureOwner, handle: CaptureHandle): CaptureHandle => {
    handle.onEvent((event) => {
      if (event.event === 'heartbeat') heard.set(owner.recordingId, event.status);
      listen(owner, event);
    });
    handle.onGone(() => {
      running.delete(owner.recordingId);
      heard.delete(owner.recordingId);
      listen(owner, { event: 'gone' });
    });
    return handle;
  };

  const keep = (owner: CaptureOwner, opening: Promise<CaptureHandle>): Promise<CaptureHandle> => {
    const handle = opening.then((opened) => watch(owner, opened));
    running.set(owner.recordingId, { owner, handle });
    bySession.set(owner.liveSessionId, owner.recordingId);
    handle.catch((error: unknown) => {
      running.delete(owner.recordingId);
      log.error({ err: error, recordingId: owner.recordingId }, 'capture did not start');
    });
    return handle;
  };

  const known = (recordingId: string): Promise<CaptureHandle> | undefined => running.get(recordingId)?.handle;

  const kill = async ({ recordingId }: CaptureOwner): Promise<void> => {
    const handle = await known(recordingId)?.catch(() => undefined);
    running.delete(recordingId);
    heard.delete(recordingId);
    handle?.detach();
    await killCapture(dirOf(recordingId));
  };

  return {
    /** The id a recording of this session has or will have. */
    recordingIdFor: (liveSessionId: string): string => {
      const id = bySession.get(liveSessionId) ?? randomId();
      bySession.set(liveSessionId, id);
      return id;
    },
    remember: ({ recordingId, liveSessionId }: CaptureOwner): void => void bySession.set(liveSessionId, recordingId),
    /** The running capture of the recording, found again or started when there is none. */
    ensure: (owner: CaptureOwner): Promise<CaptureHandle> =>
      known(owner.recordingId) ??
      keep(
        owner,
        adoptCapture(dirOf(owner.recordingId)).then((found) => found ?? start(owner)),
      ),
    /** The capture that survived a restart of the API, if it lives. */
    adopt: async (owner: CaptureOwner): Promise<CaptureHandle | undefined> => {
      const found = known(owner.recordingId) ?? (await adoptCapture(dirOf(owner.recordingId)));
      const winner = known(owner.recordingId);
      if (!winner) return found && keep(owner, Promise.resolve(found));
      // Somebody else took hold of it meanwhile; ours would hear every event a second time
      if (found && found !== winner) (await found).detach();
      return winner;
    },
    /** The running capture of a live session, if there is one. */
    ofSession: (liveSessionId: string): Promise<CaptureHandle> | undefined => {
      const recordingId = bySession.get(liveSessionId);
      return recordingId === undefined ? undefined : known(recordingId);
    },
    /** What the running capture of a recording said last, about a second ago. */
    statusOf: (recordingId: string): CaptureStatus | undefined => heard.get(recordingId),
    /** Of every capture this instance controls. */
    statuses: (): CaptureStatus[] => [...heard.values()],
    isService: (identity: string, liveSessionId: string): boolean => {
      const recordingId = bySession.get(liveSessionId);
      return recordingId !== undefined && identity === recorderIdentity(recordingId);
    },
    /** Ends a capture that does not obey, at once and without a word to the listener. */
    kill,
    /** Ends the capture of a session for good; one that does not end by itself is killed. */
    release: async (owner: CaptureOwner): Promise<void> => {
      const handle = await known(owner.recordingId)?.catch(() => undefined);
      bySession.delete(owner.liveSessionId);
      running.delete(owner.recordingId);
      heard.delete(owner.recordingId);
      const finished = await handle?.finish().then(
        () => true,
        (error: unknown) => log.error({ err: error, recordingId: owner.recordingId }, 'capture did not finish'),
      );
      if (finished) return;
      handle?.detach();
      await killCapture(dirOf(owner.recordingId));
    },
    /** Lets go of every capture without ending any: they go on, and the next start finds them. */
    detach: async (): Promise<void> => {
      for (const { handle } of running.values()) (await handle.catch(() => undefined))?.detach();
      running.clear();
    },
  };
};

export type Captures = ReturnType<typeof captures>;
