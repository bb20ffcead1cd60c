import {
  ICEServer,
  JoinResponse,
  LeaveRequest,
  ParticipantInfo,
  ReconnectResponse,
  RegionSettings,
  Room,
  RoomMovedResponse,
  RoomUpdate,
  SignalRequest,
  SignalResponse,
} from '@livekit/protocol';
import { describe, expect, it } from 'vitest';
import { gatewayFilter, iceHost } from './gateway-filter.ts';
import type { MediaRole } from './port.ts';

type Answer = SignalResponse['message'];
type Request = SignalRequest['message'];

const filterFor = (role: MediaRole = 'anonymous') => {
  const joins: string[] = [];
  const filter = gatewayFilter({
    role,
    isOwnHost: (host) => host === 'ours.example',
    onJoin: (sid) => void joins.push(sid),
    onResume: () => void joins.push('resumed'),
  });
  const toClient = (message: Answer) => {
    const bytes = filter.toClient(new SignalResponse({ message }).toBinary());
    return bytes && SignalResponse.fromBinary(bytes).message;
  };
  const passes = (message: Request): boolean =>
    filter.toServer(new SignalRequest({ message }).toBinary()) !== undefined;
  return { joins, toClient, passes, filter };
};

const crowded = () => new Room({ sid: 'RM_1', name: 'session', numParticipants: 41, numPublishers: 2 });
const iceServers = () => [
  new ICEServer({ urls: ['stun:stun.elsewhere.example:19302', 'turn:ours.example:3478?transport=udp'] }),
  new ICEServer({ urls: ['stun:global.stun.elsewhere.example:3478'] }),
];

describe('from LiveKit to the client', () => {
  it('every message that carries a room carries no numbers', () => {
    const { toClient } = filterFor();
    const passed = [
      toClient({ case: 'join', value: new JoinResponse({ room: crowded() }) }),
      toClient({
        case: 'roomUpdate',
        value: new RoomUpdate({ room: new Room({ ...crowded(), activeRecording: true }) }),
      }),
      toClient({ case: 'roomMoved', value: new RoomMovedResponse({ room: crowded() }) }),
    ];
    for (const message of passed)
      expect(message?.value).toMatchObject({ room: { name: 'session', numParticipants: 0, numPublishers: 0 } });
  });

  it('a room update that changes only the numbers never arrives, one that turns the red light on does', () => {
    const { toClient } = filterFor();
    toClient({ case: 'join', value: new JoinResponse({ room: crowded() }) });
    const grown = new Room({ ...crowded(), numParticipants: 42 });
    expect(toClient({ case: 'roomUpdate', value: new RoomUpdate({ room: grown }) })).toBeUndefined();
    const recorded = new Room({ ...crowded(), activeRecording: true });
    expect(toClient({ case: 'roomUpdate', value: new RoomUpdate({ room: recorded }) })).toMatchObject({
      value: { room: { activeRecording: true } },
    });
  });

  it('only our own hosts are named, at the join and at every resume', () => {
    const { toClient } = filterFor();
    const urlsIn = (answer: Answer | undefined) =>
      answer?.case === 'join' || answer?.case === 'reconnect' ? answer.value.iceServers.map(({ urls }) => urls) : [];
    const ours = [['turn:ours.example:3478?transport=udp']];
    const join = new JoinResponse({ iceServers: iceServers(), alternativeUrl: 'wss://livekit.elsewhere.example' });
    const joined = toClient({ case: 'join', value: join });
    expect(urlsIn(joined)).toEqual(ours);
    expect(joined?.value).toMatchObject({ alternativeUrl: '' });
    const resume = new ReconnectResponse({ iceServers: iceServers() });
    expect(urlsIn(toClient({ case: 'reconnect', value: resume }))).toEqual(ours);
    const leave = new LeaveRequest({ regions: new RegionSettings({ regions: [{ url: 'wss://elsewhere.example' }] }) });
    expect((toClient({ case: 'leave', value: leave })?.value as LeaveRequest).regions).toBeUndefined();
  });

  it('the sid of whoever joins is told, and that somebody resumes', () => {
    const { toClient, joins } = filterFor();
    const participant = new ParticipantInfo({ sid: 'PA_1' });
    toClient({ case: 'join', value: new JoinResponse({ room: crowded(), participant }) });
    toClient({ case: 'reconnect', value: new ReconnectResponse() });
    expect(joins).toEqual(['PA_1', 'resumed']);
  });

  it('a message of a kind that we do not know is not passed on', () => {
    const field99 = Uint8Array.from([0x9a, 0x06, 0x00]);
    expect(filterFor().filter.toClient(field99)).toBeUndefined();
    expect(filterFor().filter.toServer(field99)).toBeUndefined();
  });
});

const empty = (kind: NonNullable<Request['case']>): Request => SignalRequest.fromJson({ [kind]: {} }).message;

describe('from the client to LiveKit', () => {
  it.each(['subscriptionPermission', 'updateMetadata', 'publishDataTrackRequest', 'storeDataBlobRequest'] as const)(
    '%s passes for nobody',
    (kind) => {
      expect(filterFor('host').passes(empty(kind))).toBe(false);
      expect(filterFor('anonymous').passes(empty(kind))).toBe(false);
    },
  );

  it('Simulate passes for nobody', () => {
    const { message } = SignalRequest.fromJson({ simulate: { nodeFailure: true } });
    expect(filterFor('host').passes(message)).toBe(false);
  });

  it.each(['offer', 'answer', 'trickle', 'subscription', 'trackSetting', 'syncState', 'pingReq', 'leave'] as const)(
    '%s passes for everybody',
    (kind) => {
      expect(filterFor('speaker').passes(empty(kind))).toBe(true);
      expect(filterFor('anonymous').passes(empty(kind))).toBe(true);
    },
  );

  it.each(['addTrack', 'mute', 'updateAudioTrack'] as const)('%s passes from the stage only', (kind) => {
    for (const role of ['host', 'moderator', 'speaker'] as const)
      expect(filterFor(role).passes(empty(kind))).toBe(true);
    for (const role of ['listener', 'anonymous'] as const) expect(filterFor(role).passes(empty(kind))).toBe(false);
  });

  it('bytes that are no message throw', () => {
    expect(() => filterFor().filter.toServer(Uint8Array.from([0xff, 0xff, 0xff]))).toThrow();
  });
});

describe('the host of an ICE server', () => {
  it.each([
    ['stun:stun.example:3478', 'stun.example'],
    ['turns:turn.example:443?transport=tcp', 'turn.example'],
    ['turn:[2001:db8::1]:3478?transport=udp', '2001:db8::1'],
    ['stun:192.0.2.7', '192.0.2.7'],
    ['http://elsewhere.example', ''],
  ])('%s → %s', (url, host) => expect(iceHost(url)).toBe(host));
});
