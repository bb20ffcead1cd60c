/**
 * What may pass through the gateway. Every signalling message is decoded and written anew, without fields this version
 * does not know. To the server goes only what is on the list of the role: the rest is dropped, never answered by
 * closing, because livekit-client itself sends some of it. To the client nothing goes that counts hidden listeners,
 * marks the moment at which one comes, or names a host that is not ours.
 */
import { SignalRequest, SignalResponse } from '@livekit/protocol';
import type { ICEServer, JoinResponse, ReconnectResponse, Room } from '@livekit/protocol';
import { isStageRole } from './grants.ts';
import type { MediaRole } from './port.ts';

type RequestKind = NonNullable<SignalRequest['message']['case']>;

const EVERYBODY = [
  'offer',
  'answer',
  'trickle',
  'subscription',
  'trackSetting',
  'syncState',
  'ping',
  'pingReq',
  'leave',
] as const satisfies readonly RequestKind[];
const STAGE = [...EVERYBODY, 'addTrack', 'mute', 'updateAudioTrack'] as const satisfies readonly RequestKind[];

const strict = { readUnknownFields: false };

type FilterOptions = {
  role: MediaRole;
  /** Whether an ICE server's host belongs to this instance. */
  isOwnHost: (host: string) => boolean;
  /** Told the participant's sid when LiveKit lets somebody in. */
  onJoin: (participantSid: string) => void;
  /** Told when LiveKit takes somebody up again; it does not say whom. */
  onResume: () => void;
};

/** Host of a STUN or TURN address such as `turn:host:3478?transport=udp` or `stun:[::1]:3478` (RFC 7064, 7065). */
export const iceHost = (url: string): string =>
  /^(?:stun|turn)s?:(?:\[([^\]]+)\]|([^:?]+))/.exec(url)?.slice(1).find(Boolean) ?? '';

/** LiveKit counts hidden participants in both numbers, for every client. */
const withoutNumbers = (room: Room | undefined): void => {
  if (!room) return;
  room.numParticipants = 0;
  room.numPublishers = 0;
};

const ownServers = (servers: ICEServer[], isOwnHost: FilterOptions['isOwnHost']): ICEServer[] => {
  for (const server of servers) server.urls = server.urls.filter((url) => isOwnHost(iceHost(url)));
  return servers.filter((server) => server.urls.length > 0);
};

/** One filter per connection. Both functions answer the bytes to send on, or undefined when nothing is to be sent. */
export const gatewayFilter = ({ role, isOwnHost, onJoin, onResume }: FilterOptions) => {
  const allowed: readonly string[] = isStageRole(role) ? STAGE : EVERYBODY;
  let lastRoom = '';

  const keepToOurs = (answer: JoinResponse | ReconnectResponse): void => {
    answer.iceServers = ownServers(answer.iceServers, isOwnHost);
  };

  const onJoinResponse = (join: JoinResponse): void => {
    withoutNumbers(join.room);
    keepToOurs(join);
    join.alternativeUrl = '';
    lastRoom = String(join.room?.toBinary());
    if (join.participant) onJoin(join.participant.sid);
  };

  /** LiveKit sends one at each hidden join too; only a change of something else may be seen. */
  const isNewRoom = (room: Room | undefined): boolean => {
    withoutNumbers(room);
    const before = lastRoom;
    lastRoom = String(room?.toBinary());
    return lastRoom !== before;
  };

  const mayReachClient = ({ message }: SignalResponse): boolean => {
    switch (message.case) {
      case undefined:
        return false;
      case 'join':
        onJoinResponse(message.value);
        return true;
      case 'reconnect':
        keepToOurs(message.value);
        onResume();
        return true;
      case 'roomUpdate':
        return isNewRoom(message.value.room);
      case 'roomMoved':
        withoutNumbers(message.value.room);
        return true;
      case 'leave':
        message.value.regions = undefined;
        return true;
      default:
        return true;
    }
  };

  return {
    /** Throws when the bytes are no SignalRequest. */
    toServer: (bytes: Uint8Array): Uint8Array | undefined => {
      const request = SignalRequest.fromBinary(bytes, strict);
      return allowed.includes(String(request.message.case)) ? request.toBinary() : undefined;
    },
    /** Throws when the bytes are no SignalResponse. */
    toClient: (bytes: Uint8Array): Uint8Array | undefined => {
      const response = SignalResponse.fromBinary(bytes, strict);
      return mayReachClient(response) ? response.toBinary() : undefined;
    },
  };
};

export type GatewayFilter = ReturnType<typeof gatewayFilter>;
