import { createRouter, Router } from 'sv-router';
import NotFound from './ui/NotFound.svelte';

/**
 * Every address of the interface, and the only file that knows the router. Pages are loaded when they are opened:
 * what a listener needs never carries what a host needs.
 */
const { navigate, route } = createRouter({
  '/': () => import('./home/HomePage.svelte'),
  '/r/:slug': () => import('./room/RoomPage.svelte'),
  '/e/:slug': () => import('./publication/EpisodePage.svelte'),
  '/c': () => import('./receipt/ReceiptPage.svelte'),
  '/manage': () => import('./people/ManagePage.svelte'),
  '/manage/sign-in': () => import('./people/SignInPage.svelte'),
  '/manage/set-up': () => import('./people/SetUpPage.svelte'),
  '/manage/recordings/:recordingId': () => import('./recording/RecordingPage.svelte'),
  '*': NotFound,
});

// The router takes every click on a link; one with a modifier key asks the browser for a new tab or window.
addEventListener(
  'click',
  (event) => {
    const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (modified && event.target instanceof Element && event.target.closest('a')) event.stopImmediatePropagation();
  },
  { capture: true },
);

export { Router };

/** A named part of the current address, as `slug` in `/r/:slug`. */
export const pathPart = (name: 'slug' | 'recordingId'): string => route.params[name] ?? '';

/** The query of the current address. */
export const query = (): URLSearchParams => new URLSearchParams(location.search);

/** Opens another page of the interface; the address may carry a query. */
export const open = (address: string, options: { replace?: boolean } = {}): void => {
  const { pathname, search } = new URL(address, location.origin);
  // The router wants the query apart, and knows only the paths written above by type.
  void (navigate as (path: string, options: object) => Promise<unknown>)(pathname, { ...options, search });
};
