/**
 * A recording as its host sees it, over a socket, sent whenever it changes: progress of masters, takes, replay. What
 * happens in this process is told at once, at most four times a second; whatever else changes is seen by looking.
 */
import { z } from 'zod';
import type { WebSocket } from 'ws';
import type { Config } from '../config.ts';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { socketDoor } from '../platform/socket-door.ts';
import { Problem } from '../problems.ts';
import type { RecordingReader } from './recording.reader.ts';

const SEND_EVERY_MS = 250;
const LOOK_EVERY_MS = 1_000;
/** Who comes again shows the login again: one that was signed out is not followed for longer. */
const LONGEST_MS = 15 * 60_000;
/** RFC 6455 §7.4.1 */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

type Follower = { wake: () => void };

/** Who follows which recording. */
export const recordingFollowers = () => {
  const following = new Map<string, Set<Follower>>();
  return {
    /** To be called when anything about a recording has changed; costs nothing when nobody looks. */
    changed: (recordingId: string): void => following.get(recordingId)?.forEach(({ wake }) => wake()),
    /** Until the returned function is called. */
    add: (recordingId: string, follower: Follower): (() => void) => {
      const all = following.get(recordingId) ?? new Set();
      following.set(recordingId, all.add(follower));
      return () => {
        all.delete(follower);
        if (all.size === 0) following.delete(recordingId);
      };
    },
  };
};
export type RecordingFollowers = ReturnType<typeof recordingFollowers>;

/** Calls `look` soon after each `wake` and otherwise every second, never twice at once nor within 250 ms. */
const pacedLook = (look: () => Promise<void>) => {
  let lookedAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let stopped = false;
  const after = (ms: number): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void run(), ms);
  };
  const run = async (): Promise<void> => {
    if (looking) return after(SEND_EVERY_MS);
    looking = true;
    await look();
    lookedAt = performance.now();
    looking = false;
    after(LOOK_EVERY_MS);
  };
  after(0);
  return {
    wake: () => after(Math.max(0, lookedAt + SEND_EVERY_MS - performance.now())),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};

type Deps = {
  config: Pick<Config, 'publicUrl' | 'socketsPerAddress'>;
  reader: Pick<RecordingReader, 'read'>;
  followers: RecordingFollowers;
};

const serve = (socket: WebSocket, { reader, followers }: Deps, recordingId: string, hostId: string): void => {
  let sent = '';
  let heard = true;
  const look = async (): Promise<void> => {
    try {
      const view = JSON.stringify(await reader.read(recordingId, hostId));
      if (view !== sent && socket.bufferedAmount === 0) socket.send((sent = view));
    } catch (error) {
      // Anything else, a database that is away, is looked past
      if (error instanceof Problem && error.code === 'not-found') socket.close(POLICY_VIOLATION);
    }
  };
  const paced = pacedLook(look);
  const unfollow = followers.add(recordingId, paced);
  const pulse = setInterval(() => {
    if (!heard) return socket.terminate();
    heard = false;
    socket.ping();
  }, 20_000);
  const end = setTimeout(() => socket.close(GOING_AWAY), LONGEST_MS);
  socket.on('pong', () => (heard = true));
  socket.on('message', () => socket.close(POLICY_VIOLATION));
  socket.on('close', () => {
    paced.stop();
    unfollow();
    clearInterval(pulse);
    clearTimeout(end);
  });
};

export const recordingSocketRoutes =
  (deps: Deps) =>
  (app: App): void => {
    const door = socketDoor({ publicUrl: deps.config.publicUrl, perAddress: deps.config.socketsPerAddress });
    app.get(
      '/recordings/:recordingId/events',
      {
        websocket: true,
        exposeHeadRoute: false,
        config: { action: 'readRecording' },
        schema: { params: z.object({ recordingId: z.string() }) },
        preValidation: door,
      },
      (socket, request) => serve(socket, deps, request.params.recordingId, hostOf(request).hostId),
    );
  };
