/**
 * Our own door to LiveKit's signalling, whose HTTP port listens on loopback only. Every connect and every reconnect is
 * checked here: the token's signature, the admission of its identity now, and its grant against the role. Only then is
 * a new request made to LiveKit, and only when that is open does the client get its 101.
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Config } from '../config.ts';
import { addressKey } from '../platform/address.ts';
import { Problem } from '../problems.ts';
import type { Admission, Admitted, SeatBook } from './admission.ts';
import { bridge } from './gateway-bridge.ts';
import { gatewayConnections } from './gateway-connections.ts';
import { gatewayFilter } from './gateway-filter.ts';
import { gatewayPlaces } from './gateway-places.ts';
import type { GatewayRequest } from './gateway-request.ts';
import { upstreamUrl } from './gateway-request.ts';
import { openUpstream } from './gateway-upstream.ts';
import type { Upstream } from './gateway-upstream.ts';
import { isGrantOfRole } from './grants.ts';
import { ownHosts } from './own-hosts.ts';
import type { MediaPort } from './port.ts';

type Deps = {
  config: Pick<Config, 'livekitUrl' | 'publicUrl' | 'mediaAddress' | 'mediaPerAddress' | 'listenersPerRoom'>;
  media: Pick<MediaPort, 'verifyToken'>;
  admission: Admission;
  seats: Pick<SeatBook, 'noteSid'>;
};

/** Who was let in, and where: one visit to the media plane. */
type Visitor = { identity: string; liveSessionId: string; admitted: Admitted };
/** A visitor whose connection to LiveKit is open and waits for the client's 101. */
export type Opened = {
  visitor: Visitor;
  upstream: Upstream;
  /** The sid that a client says it had before its signalling broke off. */
  formerSid: string | undefined;
};

export const gateway = ({ config, media, admission, seats }: Deps) => {
  const hosts = [config.publicUrl, config.livekitUrl].map((url) => new URL(url).hostname);
  const isOwnHost = ownHosts([...hosts, config.mediaAddress ?? ''].filter(Boolean));
  const places = gatewayPlaces({ perAddress: config.mediaPerAddress, listenersPerRoom: config.listenersPerRoom });
  const connections = gatewayConnections();
  /** Clients whose request waits for LiveKit. */
  const waitingClients = new Set<Socket>();

  const isAdmitted = ({ identity, liveSessionId }: Visitor): boolean => admission.check({ identity, liveSessionId }).ok;

  /** Who asks, if they may enter now; throws `media-refused` without saying why not. */
  const admit = async ({ token }: Pick<GatewayRequest, 'token'>): Promise<Visitor> => {
    const claims = await media.verifyToken(token);
    if (!claims) throw new Problem('media-refused');
    const { identity, grant } = claims;
    const admitted = admission.check({ identity, liveSessionId: grant.room });
    // Services are participants of the house: they reach LiveKit directly and never come through this door.
    if (!admitted.ok || admitted.role === 'recorder') throw new Problem('media-refused');
    if (!isGrantOfRole(grant, admitted.role, admitted)) throw new Problem('media-refused');
    return { identity, liveSessionId: grant.room, admitted };
  };

  const connectUpstream = async (request: GatewayRequest, waiting: Socket): Promise<Upstream> => {
    waitingClients.add(waiting);
    const url = upstreamUrl(config.livekitUrl, request.parameters);
    return openUpstream(url, request.token, waiting).finally(() => waitingClients.delete(waiting));
  };

  /** Admits and connects to LiveKit; `waiting` is the client's TCP socket, whose end gives up. */
  const open = async (request: GatewayRequest, ip: string, waiting: Socket): Promise<Opened> => {
    const visitor = await admit(request);
    const release = places.take(addressKey(ip), visitor.liveSessionId, visitor.admitted.role);
    try {
      const upstream = await connectUpstream(request, waiting);
      upstream.socket.once('close', release);
      const formerSid = request.parameters.get('sid') ?? undefined;
      if (isAdmitted(visitor)) return { visitor, upstream, formerSid };
      upstream.socket.terminate();
    } catch (error) {
      release();
      throw error;
    }
    // Removed while LiveKit was opening.
    throw new Problem('media-refused');
  };

  /** Ties the accepted client to its open upstream. */
  const connect = (client: WebSocket, { visitor, upstream, formerSid }: Opened): void => {
    const { identity, liveSessionId, admitted } = visitor;
    const onJoin = (participantSid: string): void => {
      connections.noteJoin(identity, { liveSessionId, participantSid });
      if (admitted.seat) seats.noteSid(identity, participantSid);
    };
    // After a restart nothing is known of those who resume; a seat's own person has no reason to lie about it.
    const onResume = (): void => {
      if (formerSid && connections.sidOf(identity) === undefined) onJoin(formerSid);
    };
    upstream.handOver();
    const filter = gatewayFilter({ role: admitted.role, isOwnHost, onJoin, onResume });
    connections.add({
      identity,
      liveSessionId,
      isSeat: admitted.seat !== undefined,
      bridge: bridge(client, upstream.socket, filter),
    });
  };

  return {
    ...connections,
    admit,
    open,
    connect,
    stop: async (): Promise<void> => {
      for (const waiting of waitingClients) waiting.destroy();
      await connections.stop();
    },
  };
};

export type Gateway = ReturnType<typeof gateway>;
