import type { ConsentAnswer } from '../../server/room/ticket.schema.ts';
import { api, dataOf, hostApi, visitHeader } from './client.ts';

/** The acts of a visitor in a live room; every one is proved by the visit secret of this tab. */
export const visitorActs = (slug: string, visit: () => string) => {
  const here = () => ({ params: { path: { slug } }, headers: visitHeader(visit()) });
  const hand = (handId: string) => ({ params: { path: { slug, handId } }, headers: visitHeader(visit()) });
  return {
    renewTicket: () => dataOf(api.POST('/rooms/{slug}/tickets/renew', here())),
    raiseHand: () => dataOf(api.POST('/rooms/{slug}/hands', here())),
    lowerHand: (handId: string) => dataOf(api.DELETE('/rooms/{slug}/hands/{handId}', hand(handId))),
    acceptInvite: (handId: string, body: { name?: string; consent?: ConsentAnswer }) =>
      dataOf(api.POST('/rooms/{slug}/hands/{handId}/accept', { ...hand(handId), body })),
    declineInvite: (handId: string) => dataOf(api.POST('/rooms/{slug}/hands/{handId}/decline', hand(handId))),
    stepDown: () => dataOf(api.POST('/rooms/{slug}/step-down', here())),
    answerConsent: (body: ConsentAnswer) => dataOf(api.POST('/rooms/{slug}/consent', { ...here(), body })),
  };
};
export type VisitorActs = ReturnType<typeof visitorActs>;

/** The acts of the room's host. */
export const moderatorActs = (slug: string) => {
  const hand = (handId: string) => ({ params: { path: { slug, handId } } });
  const seat = (seatId: string) => ({ params: { path: { slug, seatId } } });
  return {
    inviteToStage: (handId: string) => dataOf(hostApi.POST('/rooms/{slug}/hands/{handId}/invite', hand(handId))),
    dismissHand: (handId: string) => dataOf(hostApi.POST('/rooms/{slug}/hands/{handId}/dismiss', hand(handId))),
    muteSeat: (seatId: string) => dataOf(hostApi.POST('/rooms/{slug}/seats/{seatId}/mute', seat(seatId))),
    removeSeat: (seatId: string) => dataOf(hostApi.POST('/rooms/{slug}/seats/{seatId}/remove', seat(seatId))),
  };
};
export type ModeratorActs = ReturnType<typeof moderatorActs>;
