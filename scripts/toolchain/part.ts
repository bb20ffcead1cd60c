/** Where a part of the toolchain came from, for the table at start and for the doctor. */
export type Part = { path: string; source: string; version: string };
