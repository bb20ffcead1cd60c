import type { LiveSessionView, RoomCard, RoomPolicy, RoomView, SpeakLinkView } from '../../server/room/room.schema.ts';
import type { ConsentAnswer, Ticket } from '../../server/room/ticket.schema.ts';
import { ask, askAsHost } from './client.ts';

const room = (slug: string) => `/rooms/${encodeURIComponent(slug)}`;

export const listRooms = async () => (await ask<{ rooms: RoomCard[] }>('GET', '/rooms')).rooms;

export const getRoom = (slug: string) => ask<RoomCard>('GET', room(slug));

export const listHostRooms = async () => (await askAsHost<{ rooms: RoomView[] }>('GET', '/host/rooms')).rooms;

export interface NewRoom {
  title: string;
  topic: string;
  /** Left out: made from the title. */
  slug?: string;
  policy: Partial<RoomPolicy>;
}
export const createRoom = (body: NewRoom) => askAsHost<RoomView>('POST', '/rooms', { body });

export const startLiveSession = (slug: string) =>
  askAsHost<LiveSessionView>('POST', `${room(slug)}/live-session`, { body: {}, idempotencyKey: crypto.randomUUID() });

export const endLiveSession = (slug: string) =>
  askAsHost<LiveSessionView>('POST', `${room(slug)}/live-session/end`, { body: {} });

export const createSpeakLink = (slug: string, label: string) =>
  askAsHost<SpeakLinkView>('POST', `${room(slug)}/speak-links`, { body: { label } });

export const listSpeakLinks = async (slug: string) =>
  (await askAsHost<{ speakLinks: SpeakLinkView[] }>('GET', `${room(slug)}/speak-links`)).speakLinks;

export const revokeSpeakLink = (slug: string, linkId: string) =>
  askAsHost<void>('DELETE', `${room(slug)}/speak-links/${linkId}`);

/** Lets somebody listen; `name` only where the room asks for one. */
export const issueTicket = (slug: string, name?: string) =>
  ask<Ticket>('POST', `${room(slug)}/tickets`, { body: name ? { name } : {} });

/** Spends a speak link: once, for one person. */
export const redeemSpeakLink = (slug: string, body: { secret: string; name: string; consent?: ConsentAnswer }) =>
  ask<Ticket>('POST', `${room(slug)}/speak-links/redeem`, { body });

/** The host's own seat; asking again takes over from another tab. */
export const issueHostTicket = (slug: string, consent?: ConsentAnswer) =>
  askAsHost<Ticket>('POST', `${room(slug)}/host-ticket`, { body: consent ? { consent } : {} });
