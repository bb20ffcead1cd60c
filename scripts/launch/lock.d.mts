import type { ProcessMark } from './processes.mjs';

export declare const lockHolder: (path: string) => (ProcessMark & { note: string }) | undefined;
export declare const tryLock: (path: string, note?: string) => (() => void) | undefined;
export declare const withLock: <T>(path: string, task: () => T | Promise<T>, onWait?: () => void) => Promise<T>;
