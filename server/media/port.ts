/**
 * The media plane as the rest of the house sees it: rooms, participants, tokens. `livekit.ts` is the real thing;
 * a fake behind the same interface serves tests that are about something else.
 */

/** The roles LiveKit is told about. `recorder` is the capture child's. */
export type MediaRole = 'host' | 'moderator' | 'speaker' | 'listener' | 'anonymous' | 'recorder';

/** Every flag of a LiveKit grant, always written out: an unset one defaults to true or is reset to false. */
export type MediaGrant = {
  roomJoin: true;
  room: string;
  hidden: boolean;
  recorder: boolean;
  agent: false;
  canPublish: boolean;
  canPublishData: false;
  canPublishSources: readonly 'microphone'[];
  canSubscribe: boolean;
  canUpdateOwnMetadata: false;
};

export type TokenOrder = {
  role: MediaRole;
  liveSessionId: string;
  identity: string;
  /** Shown to nobody by LiveKit for the audience; only seats carry one. */
  displayName?: string;
  /** On the stage: false until consent is answered in an armed room. Ignored elsewhere. */
  mayPublish: boolean;
  ttlSeconds: number;
};

export type TokenClaims = { identity: string; grant: MediaGrant; expiresAtMs: number };

export type MediaTrack = { sid: string; source: 'microphone' | 'other'; muted: boolean };

export type MediaParticipant = {
  identity: string;
  sid: string;
  connected: boolean;
  hidden: boolean;
  recorder: boolean;
  agent: boolean;
  canPublish: boolean;
  canPublishData: boolean;
  canSubscribe: boolean;
  tracks: MediaTrack[];
};

export type MediaPort = {
  /** Makes the room with day-long timeouts; the same call on an existing room changes nothing. */
  openRoom: (liveSessionId: string) => Promise<void>;
  /** Disconnects everybody and deletes the room; a missing room is fine. */
  closeRoom: (liveSessionId: string) => Promise<void>;
  listRooms: () => Promise<string[]>;
  listParticipants: (liveSessionId: string) => Promise<MediaParticipant[]>;
  issueToken: (order: TokenOrder) => Promise<string>;
  /** Checks signature and expiry and reads the claims; undefined when anything is off. */
  verifyToken: (token: string) => Promise<TokenClaims | undefined>;
  /** Sends the whole permission set of the role (LiveKit replaces it). A missing participant is fine. */
  applyGrant: (order: Omit<TokenOrder, 'ttlSeconds'>) => Promise<void>;
  /** Mutes every microphone of the participant at the server; the person may unmute. */
  mute: (liveSessionId: string, identity: string) => Promise<void>;
  /** Disconnects; a missing participant is fine. Revoke the identity first: LiveKit cannot. */
  remove: (liveSessionId: string, identity: string) => Promise<void>;
  isHealthy: () => Promise<boolean>;
};
