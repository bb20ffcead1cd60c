import type { ConsentAnswer, Ticket } from '../../server/room/ticket.schema.ts';
import type { HandView } from '../../server/stage/stage.schema.ts';
import { ask, askAsHost } from './client.ts';

const room = (slug: string) => `/rooms/${encodeURIComponent(slug)}`;

/** The acts of a visitor in a live room; every one is proved by the visit secret of this tab. */
export const visitorActs = (slug: string, visit: () => string) => {
  const post = <T>(path: string, body: unknown = {}) => ask<T>('POST', room(slug) + path, { body, visit: visit() });
  return {
    renewTicket: () => post<Ticket>('/tickets/renew'),
    raiseHand: () => post<HandView>('/hands'),
    lowerHand: (handId: string) => ask<void>('DELETE', `${room(slug)}/hands/${handId}`, { visit: visit() }),
    acceptInvite: (handId: string, body: { name?: string; consent?: ConsentAnswer }) =>
      post<Ticket>(`/hands/${handId}/accept`, body),
    declineInvite: (handId: string) => post<void>(`/hands/${handId}/decline`),
    stepDown: () => post<Ticket>('/step-down'),
    answerConsent: (answer: ConsentAnswer) => post<{ mayPublish: boolean }>('/consent', answer),
  };
};
export type VisitorActs = ReturnType<typeof visitorActs>;

/** The acts of the room's host. */
export const moderatorActs = (slug: string) => {
  const post = (path: string) => askAsHost<unknown>('POST', room(slug) + path, { body: {} });
  return {
    inviteToStage: (handId: string) => post(`/hands/${handId}/invite`),
    dismissHand: (handId: string) => post(`/hands/${handId}/dismiss`),
    muteSeat: (seatId: string) => post(`/seats/${seatId}/mute`),
    removeSeat: (seatId: string) => post(`/seats/${seatId}/remove`),
  };
};
export type ModeratorActs = ReturnType<typeof moderatorActs>;
