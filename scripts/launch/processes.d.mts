/** A process remembered by number and start time. */
export type ProcessMark = { pid: number; startedAt: string | undefined };
export declare const startTimeOf: (pid: number) => string | undefined;
export declare const processMark: (pid: number) => ProcessMark;
export declare const isAlive: (mark: ProcessMark | undefined) => boolean;
