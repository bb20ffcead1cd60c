import type { HostView, InstanceView } from '../../server/people/people.schema.ts';
import { ask, askAsHost } from './client.ts';

/** What a browser may know of this instance. */
export const getInstance = () => ask<InstanceView>('GET', '/instance');

/** Makes the first host out of the one-time set-up link, and signs in. */
export const setUp = (body: { secret: string; name: string; password: string }) =>
  askAsHost<HostView>('POST', '/set-up', { body });

export const signIn = (body: { name: string; password: string }) => askAsHost<HostView>('POST', '/sign-in', { body });

export const signOut = () => askAsHost<void>('POST', '/sign-out', { body: {} });

/** The host who is signed in; fails with `sign-in-required`. */
export const getHost = () => askAsHost<HostView>('GET', '/host');
