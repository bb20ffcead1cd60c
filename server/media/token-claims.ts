/**
 * The claims of a media token as the house accepts them. LiveKit refreshes tokens by itself and then leaves out what is
 * false or empty; what it would read as true when missing must be there. A claim that is not listed refuses the token.
 */
import { z } from 'zod';
import type { TokenClaims } from './port.ts';

const no = z.literal(false);

const grantSchema = z
  .strictObject({
    roomJoin: z.literal(true),
    room: z.string().min(1),
    hidden: z.boolean().default(false),
    recorder: z.boolean().default(false),
    agent: no.default(false),
    canPublish: z.boolean(),
    canPublishData: no,
    canPublishSources: z.array(z.literal('microphone')).max(1).default([]),
    canSubscribe: z.boolean(),
    canUpdateOwnMetadata: no,
    // LiveKit writes these two into a token after any change of the grant.
    canSubscribeMetrics: no.optional(),
    canManageAgentSession: no.optional(),
  })
  .transform(({ canSubscribeMetrics: _metrics, canManageAgentSession: _session, ...grant }) => grant);

const claimsSchema = z
  .strictObject({
    iss: z.string(),
    sub: z.string().min(1),
    nbf: z.number().optional(),
    iat: z.number().optional(),
    exp: z.number(),
    jti: z.string().optional(),
    identity: z.string().optional(),
    name: z.string().optional(),
    kind: z.enum(['', 'standard']).optional(),
    metadata: z.literal('').optional(),
    video: grantSchema,
  })
  .refine(({ sub, identity }) => identity === undefined || identity === sub)
  .transform(({ sub, exp, video }): TokenClaims => ({ identity: sub, grant: video, expiresAtMs: exp * 1000 }));

/** Reads a verified payload; undefined when it is none of ours or claims more than a role can have. */
export const parseClaims = (payload: unknown): TokenClaims | undefined => claimsSchema.safeParse(payload).data;
