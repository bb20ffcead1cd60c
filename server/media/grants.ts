/**
 * What each role may do in the media plane, in LiveKit's own flags. Every flag is always written out, because LiveKit
 * reads a missing one as true in a token and as false in an update.
 */
import type { MediaGrant, MediaParticipant, MediaRole } from './port.ts';

/** Roles that sit on the stage and are seen by all; the others are hidden. */
export const STAGE_ROLES = ['host', 'moderator', 'speaker'] as const satisfies readonly MediaRole[];
export type StageRole = (typeof STAGE_ROLES)[number];

export const isStageRole = (role: MediaRole): role is StageRole => (STAGE_ROLES as readonly MediaRole[]).includes(role);

/** The grant of a role in one live session; `mayPublish` counts on the stage only. */
export const grantsFor = (role: MediaRole, liveSessionId: string, rights: { mayPublish: boolean }): MediaGrant => {
  const onStage = isStageRole(role);
  return {
    roomJoin: true,
    room: liveSessionId,
    hidden: !onStage,
    recorder: role === 'recorder',
    agent: false,
    canPublish: onStage && rights.mayPublish,
    canPublishData: false,
    canPublishSources: onStage ? ['microphone'] : [],
    canSubscribe: true,
    canUpdateOwnMetadata: false,
  };
};

const sameGrant = (one: MediaGrant, other: MediaGrant): boolean =>
  (Object.keys(one) as (keyof MediaGrant)[]).every((flag) => String(one[flag]) === String(other[flag]));

/**
 * Whether a token's grant is the role's own. A token may be older than the right to publish, so one without it still
 * opens the room; one that claims a right which is no longer there does not.
 */
export const isGrantOfRole = (grant: MediaGrant, role: MediaRole, rights: { mayPublish: boolean }): boolean =>
  [rights.mayPublish, false].some((mayPublish) => sameGrant(grant, grantsFor(role, grant.room, { mayPublish })));

/** What LiveKit's list shows of a grant, as far as it says who somebody is: these never change during a visit. */
export const looksLikeRole = (participant: MediaParticipant, role: MediaRole): boolean => {
  const expected = grantsFor(role, '', { mayPublish: false });
  return (
    participant.hidden === expected.hidden &&
    participant.recorder === expected.recorder &&
    participant.agent === expected.agent &&
    participant.canPublishData === expected.canPublishData &&
    (isStageRole(role) || !participant.canPublish)
  );
};
