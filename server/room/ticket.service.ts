import type { Config } from '../config.ts';
import type { MediaPort } from '../media/port.ts';
import type { Clock } from '../platform/clock.ts';
import { Problem } from '../problems.ts';
import type { AudienceRole } from './identity.ts';
import { isAudienceRole, mintAudienceIdentity, seatIdOf } from './identity.ts';
import type { LiveEntry, LiveRegistry } from './live-registry.ts';
import type { Ticket, TicketRole } from './ticket.schema.ts';
import type { Visit } from './visit.ts';
import { openVisit, sealVisit, socketTickets } from './visit.ts';

/** LiveKit refreshes a connected client's token by itself; ours only has to last until it has joined. */
const mediaTokenLifeSeconds = 120;

/** What a ticket is made of. `identity` of a seat is `seatIdentity(seatId)`. */
export type TicketOrder = {
  liveSession: LiveEntry;
  role: TicketRole;
  identity: string;
  displayName: string | null;
  mayPublish: boolean;
  consentNeeded: boolean;
  receiptUrl?: string | null;
};

type Deps = {
  config: Pick<Config, 'publicUrl' | 'admissionSecret'>;
  media: Pick<MediaPort, 'issueToken'>;
  registry: LiveRegistry;
  clock: Clock;
};

/** Tickets for everybody who enters a live room. An anonymous one costs no query and leaves no row. */
export const ticketService = ({ config, media, registry, clock }: Deps) => {
  const sockets = socketTickets({ secret: config.admissionSecret, clock });
  const wsUrl = config.publicUrl.replace(/^http/, 'ws');

  /** Builds the ticket of any role. The caller has made sure that the person may have it. */
  const issue = async (order: TicketOrder): Promise<Ticket> => {
    const { liveSession, role, identity, displayName } = order;
    const visit: Visit = { liveSessionId: liveSession.liveSessionId, role, identity, displayName };
    const isAudience = isAudienceRole(role);
    const mediaToken = await media.issueToken({
      role,
      liveSessionId: visit.liveSessionId,
      identity,
      displayName: isAudience ? undefined : (displayName ?? undefined),
      mayPublish: !isAudience && order.mayPublish,
      ttlSeconds: mediaTokenLifeSeconds,
    });
    return {
      role,
      liveSessionId: visit.liveSessionId,
      identity,
      seatId: seatIdOf(identity) ?? null,
      displayName,
      mediaUrl: `${wsUrl}/media`,
      mediaToken,
      socketUrl: `${wsUrl}/api/v1/rooms/${liveSession.slug}/events`,
      socketTicket: sockets.issue(visit),
      visitSecret: sealVisit(config.admissionSecret, visit),
      mayPublish: !isAudience && order.mayPublish,
      consentNeeded: order.consentNeeded,
      receiptUrl: order.receiptUrl ?? null,
    };
  };

  const audienceTicket = (liveSession: LiveEntry, role: AudienceRole, identity: string, displayName: string | null) =>
    issue({ liveSession, role, identity, displayName, mayPublish: false, consentNeeded: false });

  return {
    issue,

    /** A ticket to listen. With anonymous listening on, a name is neither asked for nor kept. */
    issueAudience: (slug: string, name: string | undefined): Promise<Ticket> => {
      const liveSession = registry.bySlug(slug);
      if (!liveSession) throw new Problem('room-not-live');
      const role: AudienceRole = liveSession.policy.anonymousListening ? 'anonymous' : 'listener';
      if (role === 'listener' && !name) throw new Problem('name-required');
      const identity = mintAudienceIdentity(config.admissionSecret, liveSession.liveSessionId, role);
      return audienceTicket(liveSession, role, identity, role === 'listener' ? (name ?? null) : null);
    },

    /** The same listener's next ticket: same identity, fresh media token and socket ticket. */
    renewAudience: (visit: Visit): Promise<Ticket> => {
      const liveSession = registry.byId(visit.liveSessionId);
      if (!liveSession || !isAudienceRole(visit.role)) throw new Problem('visit-over');
      return audienceTicket(liveSession, visit.role, visit.identity, visit.displayName);
    },

    /** The visit inside a visit secret. Whether it is still wanted (live, not removed, seat held) is asked elsewhere. */
    openVisit: (visitSecret: string): Visit | undefined => openVisit(config.admissionSecret, visitSecret),

    /** Spends a socket ticket; undefined the second time. */
    spendSocketTicket: sockets.spend,
  };
};
export type TicketService = ReturnType<typeof ticketService>;
