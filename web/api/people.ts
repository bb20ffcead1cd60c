import { api, dataOf, hostApi } from './client.ts';

/** What a browser may know of this instance. */
export const getInstance = () => dataOf(api.GET('/instance'));

/** Makes the first host out of the one-time set-up link, and signs in. */
export const setUp = (body: { secret: string; name: string; password: string }) =>
  dataOf(hostApi.POST('/set-up', { body }));

export const signIn = (body: { name: string; password: string }) => dataOf(hostApi.POST('/sign-in', { body }));

export const signOut = () => dataOf(hostApi.POST('/sign-out'));

/** The host who is signed in; fails with `sign-in-required`. */
export const getHost = () => dataOf(hostApi.GET('/host'));
