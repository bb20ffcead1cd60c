import type { RoomCard } from '../../server/room/room.schema.ts';
import { m } from '../paraglide/messages.js';

/** The room's rules for a listener, in one line. */
export const policyInWords = (card: Pick<RoomCard, 'policy' | 'live'>): string => {
  const anonymous = card.policy.anonymousListening;
  if (card.live?.recording) return anonymous ? m.policy_anonymous_recorded() : m.policy_named_recorded();
  if (card.policy.recordingArmed) return anonymous ? m.policy_anonymous_armed() : m.policy_named_armed();
  return anonymous ? m.policy_anonymous() : m.policy_named();
};
