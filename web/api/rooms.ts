import type { RoomPolicy } from '../../server/room/room.schema.ts';
import type { ConsentAnswer } from '../../server/room/ticket.schema.ts';
import { api, dataOf, hostApi, onceOnly } from './client.ts';

const at = (slug: string) => ({ params: { path: { slug } } });

export const listRooms = async () => (await dataOf(api.GET('/rooms'))).rooms;

export const getRoom = (slug: string) => dataOf(api.GET('/rooms/{slug}', at(slug)));

export const listHostRooms = async () => (await dataOf(hostApi.GET('/host/rooms'))).rooms;

export interface NewRoom {
  title: string;
  topic: string;
  /** Left out: made from the title. */
  slug?: string;
  policy: Partial<RoomPolicy>;
}
export const createRoom = (body: NewRoom) => dataOf(hostApi.POST('/rooms', { body }));

export const startLiveSession = (slug: string) =>
  dataOf(hostApi.POST('/rooms/{slug}/live-session', { params: { path: { slug }, header: onceOnly() } }));

export const endLiveSession = (slug: string) => dataOf(hostApi.POST('/rooms/{slug}/live-session/end', at(slug)));

export const createSpeakLink = (slug: string, label: string) =>
  dataOf(hostApi.POST('/rooms/{slug}/speak-links', { ...at(slug), body: { label } }));

export const listSpeakLinks = async (slug: string) =>
  (await dataOf(hostApi.GET('/rooms/{slug}/speak-links', at(slug)))).speakLinks;

export const revokeSpeakLink = (slug: string, linkId: string) =>
  dataOf(hostApi.DELETE('/rooms/{slug}/speak-links/{linkId}', { params: { path: { slug, linkId } } }));

/** Lets somebody listen; `name` only where the room asks for one. */
export const issueTicket = (slug: string, name?: string) =>
  dataOf(api.POST('/rooms/{slug}/tickets', { ...at(slug), body: { name } }));

/** Spends a speak link: once, for one person. */
export const redeemSpeakLink = (slug: string, body: { secret: string; name: string; consent?: ConsentAnswer }) =>
  dataOf(api.POST('/rooms/{slug}/speak-links/redeem', { ...at(slug), body }));

/** The host's own seat; asking again takes over from another tab. */
export const issueHostTicket = (slug: string, consent?: ConsentAnswer) =>
  dataOf(hostApi.POST('/rooms/{slug}/host-ticket', { ...at(slug), body: { consent } }));
