/**
 * Roles × actions: the one table of who may do what, used by HTTP routes, the socket and the interface.
 * Whatever is not listed is denied. That an action concerns one's own room, seat or hand is checked where it is done.
 */
export const ROLES = ['owner', 'host', 'moderator', 'speaker', 'listener', 'anonymous', 'public'] as const;
export type Role = (typeof ROLES)[number];

const everybody: readonly Role[] = ROLES;
const hosts: readonly Role[] = ['owner', 'host'];
const moderators: readonly Role[] = ['host', 'moderator'];
const onStage: readonly Role[] = ['host', 'moderator', 'speaker'];
const audience: readonly Role[] = ['listener', 'anonymous'];
const inside: readonly Role[] = [...onStage, ...audience];

export const ACTIONS = {
  // open to everybody
  readHealth: everybody,
  /** From this machine; from elsewhere the route itself asks for the owner's token. */
  readMetrics: everybody,
  readInstance: everybody,
  readRoomCard: everybody,
  readEpisode: everybody,
  setUp: everybody,
  signIn: everybody,
  issueTicket: everybody,
  redeemSpeakLink: everybody,
  readReceipt: everybody,
  withdrawConsent: everybody,
  connectMedia: everybody,
  connectEvents: everybody,
  // hosts' house
  signOut: hosts,
  readHost: hosts,
  createRoom: hosts,
  updateRoom: hosts,
  startLiveSession: hosts,
  endLiveSession: hosts,
  issueHostTicket: hosts,
  manageSpeakLinks: hosts,
  startRecording: hosts,
  pauseRecording: hosts,
  resumeRecording: hosts,
  stopRecording: hosts,
  markRecording: hosts,
  nameRecording: hosts,
  readRecording: hosts,
  publishEpisode: hosts,
  // inside a live room
  renewTicket: inside,
  raiseHand: audience,
  lowerHand: audience,
  answerInvite: audience,
  inviteToStage: moderators,
  dismissHand: moderators,
  muteSeat: moderators,
  removeSeat: moderators,
  stepDown: ['moderator', 'speaker'],
  answerConsent: onStage,
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof ACTIONS;

/** Whether `role` may do `action` at all. */
export const allows = (role: Role, action: Action): boolean => (ACTIONS[action] as readonly Role[]).includes(role);
