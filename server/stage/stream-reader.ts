/**
 * One event socket and its back-pressure. A reader that is slow gets no more deltas; when it has caught up it gets one
 * snapshot instead; when it does not catch up it is ended. Others never wait for it.
 */
/** What a slow reader may cost: bytes waiting in the process, and for how long. */
export const SLOW = { bytes: 256 * 1024, endBytes: 1024 * 1024, endMs: 10_000 } as const;

/** What the stream needs of a `ws` socket. */
export type RawSocket = {
  readonly bufferedAmount: number;
  send: (text: string) => void;
  close: (code: number) => void;
  terminate: () => void;
  ping: () => void;
};

export const streamReader = (raw: RawSocket, nowMs: () => number) => {
  let behindSinceMs: number | undefined;
  let answered = true;

  return {
    /** Sends a numbered frame, or notes that this reader has fallen behind and needs a snapshot. */
    sendDelta: (text: string): void => {
      if (behindSinceMs === undefined && raw.bufferedAmount > SLOW.bytes) behindSinceMs = nowMs();
      if (behindSinceMs === undefined) raw.send(text);
    },
    /** Sends what stands outside the numbering: snapshots, notices, the end. */
    send: (text: string): void => raw.send(text),
    close: (code: number): void => raw.close(code),
    terminate: (): void => raw.terminate(),
    isBehind: (): boolean => behindSinceMs !== undefined,
    /** Looks at a reader that fell behind: `drained` (it may have its snapshot now), `hopeless`, or neither yet. */
    look: (): 'drained' | 'hopeless' | 'behind' | 'fine' => {
      if (raw.bufferedAmount > SLOW.endBytes) return 'hopeless';
      if (behindSinceMs === undefined) return 'fine';
      if (raw.bufferedAmount === 0) {
        behindSinceMs = undefined;
        return 'drained';
      }
      return nowMs() - behindSinceMs > SLOW.endMs ? 'hopeless' : 'behind';
    },
    /** Pings; false when the last ping was not answered. */
    ping: (): boolean => {
      if (!answered) return false;
      answered = false;
      raw.ping();
      return true;
    },
    pong: (): void => {
      answered = true;
    },
  };
};
export type Reader = ReturnType<typeof streamReader>;
