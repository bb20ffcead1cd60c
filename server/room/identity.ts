import { randomId } from '../platform/ids.ts';
import { mac, sameMac } from './mac.ts';

/** The roles that have no seat and no row: their admission is the tag in their identity. */
export const AUDIENCE_ROLES = ['listener', 'anonymous'] as const;
export type AudienceRole = (typeof AUDIENCE_ROLES)[number];

export const isAudienceRole = (role: string): role is AudienceRole => role === 'listener' || role === 'anonymous';

const pattern = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})$/;

const tagOf = (secret: string, random: string, liveSessionId: string, role: AudienceRole): string =>
  mac(secret, 'audience-identity', random, liveSessionId, role);

/**
 * A fresh identity `<128 random bits>.<128-bit tag>`, both in base64url. The tag binds it to this live session and
 * role with a secret that LiveKit does not know; two identities share nothing.
 */
export const mintAudienceIdentity = (secret: string, liveSessionId: string, role: AudienceRole): string => {
  const random = randomId();
  return `${random}.${tagOf(secret, random, liveSessionId, role)}`;
};

/** The role that an identity was minted for in this live session; undefined for anything we did not mint. */
export const verifyAudienceIdentity = (
  secret: string,
  liveSessionId: string,
  identity: string,
): AudienceRole | undefined => {
  const [, random, tag] = pattern.exec(identity) ?? [];
  if (!random || !tag) return undefined;
  return AUDIENCE_ROLES.find((role) => sameMac(tagOf(secret, random, liveSessionId, role), tag));
};

/** The identity of a seat on the stage; it is public, so a live row and not a tag admits it. */
export const seatIdentity = (seatId: string): string => `s_${seatId}`;

export const seatIdOf = (identity: string): string | undefined => /^s_([A-Za-z0-9_-]{22})$/.exec(identity)?.[1];
