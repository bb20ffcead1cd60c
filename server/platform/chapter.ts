import type { Routes } from './http.ts';

/** What each chapter of the story gives to the composition in app.ts, beside its services. */
export type Chapter = {
  /** Below /api/v1. */
  publicRoutes?: Routes;
  /** Below /api/v1 for API tokens (and visits), and below /manage/api/v1 for the cookie of a signed-in host. */
  hostRoutes?: Routes;
  /** Below /manage/api/v1 only. */
  manageRoutes?: Routes;
  /** Without prefix: pages, feeds, files, the media gateway. */
  rootRoutes?: Routes;
  /** Before the server listens: adoption of what survived, then loops and jobs. */
  start?: () => Promise<void> | void;
  stop?: () => Promise<void> | void;
};
