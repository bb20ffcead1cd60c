import type { ProcessMark } from './processes.mjs';

export type HeldLock = { release: () => void; note: (text: string) => void };
export declare const lockHolder: (path: string) => (ProcessMark & { note: string }) | undefined;
export declare const tryLock: (path: string, note?: string) => HeldLock | undefined;
export declare const withLock: <T>(path: string, task: () => T | Promise<T>, onWait?: () => void) => Promise<T>;
