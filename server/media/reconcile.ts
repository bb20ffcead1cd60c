/**
 * LiveKit against our own books, every two seconds for every live session: whoever sits in the room without admission,
 * with another grant than the role's, or on another connection than the one the gateway let through, is removed within
 * five seconds. Between these looks LiveKit's rooms are watched every second: a LiveKit that has restarted has
 * forgotten them all, and clients come back only to a room that is there.
 */
import type { Log } from '../platform/log.ts';
import type { Admission, Admitted, LiveSessions } from './admission.ts';
import type { Gateway } from './gateway.ts';
import { grantsFor, isStageRole, looksLikeRole } from './grants.ts';
import { repeat } from './repeat.ts';
import type { MediaParticipant, MediaPort } from './port.ts';

const LOOK_MS = 2000;
const WATCH_MS = 1000;
/** After a start clients need this long to resume, and seats to say again on which connection they sit. */
const SETTLE_MS = 30_000;

/** What one look found. `balanced`: everybody in the room was admitted, in their own role. */
export type Books = {
  liveSessionId: string;
  listeners: number;
  balanced: boolean;
  /** Those who may be there. */
  participants: MediaParticipant[];
};

type Deps = {
  media: Pick<MediaPort, 'listParticipants' | 'listRooms' | 'openRoom' | 'closeRoom' | 'applyGrant' | 'remove'>;
  registry: LiveSessions;
  admission: Admission;
  gateway: Pick<Gateway, 'sidOf' | 'disconnect'>;
  /** Rooms to be closed for good, also while their session is still listed; those that are gone are taken out. */
  closing: Set<string>;
  /** Those of these names that are live sessions and have ended. */
  endedAmong: (names: readonly string[]) => Promise<string[]>;
  onBooks: (books: Books) => void | Promise<void>;
  log: Log;
  settleMs?: number;
};

type Fault = 'admission' | 'grant' | 'connection';
/** `suspect`: on a connection that nobody let through, seen for the first time. */
type Finding = { participant: MediaParticipant; admitted?: Admitted; fault?: Fault | 'suspect' };

export const reconcile = (deps: Deps) => {
  const { media, registry, admission, gateway, closing, endedAmong, onBooks, log, settleMs = SETTLE_MS } = deps;
  const settledAt = performance.now() + settleMs;
  /** Connections that looked wrong the last time: a sid is noted a moment after LiveKit lists it. */
  let suspects = new Set<string>();
  /** Rooms that are none of ours, or not yet: asked about once. */
  let foreign = new Set<string>();

  const faultOf = (participant: MediaParticipant, admitted: Admitted, seen: Set<string>): Finding['fault'] => {
    if (!looksLikeRole(participant, admitted.role)) return 'grant';
    const known = [gateway.sidOf(participant.identity), admitted.seat?.participantSid].filter((sid) => sid);
    if (known.includes(participant.sid)) return undefined;
    // Nobody was let through to this seat. A listener's identity is secret, and may have come through another gateway.
    const mayBeUnknown = !admitted.seat || performance.now() < settledAt;
    if (known.length === 0 && mayBeUnknown) return undefined;
    seen.add(participant.sid);
    return suspects.has(participant.sid) ? 'connection' : 'suspect';
  };

  const judge = (liveSessionId: string, participant: MediaParticipant, seen: Set<string>): Finding => {
    const admitted = admission.check({ identity: participant.identity, liveSessionId });
    if (!admitted.ok) return { participant, fault: 'admission' };
    return { participant, admitted, fault: faultOf(participant, admitted, seen) };
  };

  const evict = async (liveSessionId: string, { participant, admitted, fault }: Finding): Promise<void> => {
    // Of listeners not even the identity: what is logged is that somebody was removed, and why.
    log.warn({ liveSessionId, fault, role: admitted?.role }, 'participant removed from the media room');
    gateway.disconnect(participant.identity);
    await media.remove(liveSessionId, participant.identity);
  };

  /** A right to publish that LiveKit has missed, or kept. */
  const mendGrant = async (liveSessionId: string, { participant, admitted }: Finding): Promise<void> => {
    if (!admitted || !isStageRole(admitted.role)) return;
    const { role, mayPublish } = admitted;
    if (participant.canPublish === grantsFor(role, liveSessionId, { mayPublish }).canPublish) return;
    await media.applyGrant({ role, liveSessionId, identity: participant.identity, mayPublish });
  };

  const look = async (liveSessionId: string, seen: Set<string>): Promise<void> => {
    const participants = await media.listParticipants(liveSessionId);
    if (!registry.byId(liveSessionId)) return;
    const findings = participants.map((participant) => judge(liveSessionId, participant, seen));
    const right = findings.filter(({ fault }) => !fault);
    const wrong = findings.filter(({ fault }) => fault && fault !== 'suspect');
    await Promise.all([
      ...wrong.map((finding) => evict(liveSessionId, finding)),
      ...right.map((finding) => mendGrant(liveSessionId, finding)),
    ]);
    await onBooks({
      liveSessionId,
      listeners: right.filter(({ admitted }) => admitted?.role === 'listener' || admitted?.role === 'anonymous').length,
      balanced: wrong.length === 0,
      participants: right.map(({ participant }) => participant),
    });
  };

  /** One look into every live session's room; one that fails does not keep the others from being seen. */
  const lookIntoAll = async (): Promise<void> => {
    const seen = new Set<string>();
    const looks = await Promise.allSettled(registry.all().map(({ liveSessionId }) => look(liveSessionId, seen)));
    suspects = seen;
    const failed = looks.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  };

  const openAgain = async (liveSessionId: string): Promise<void> => {
    await media.openRoom(liveSessionId);
    log.info({ liveSessionId }, 'media room opened again');
  };

  /** A server that died before LiveKit heard of an end left a room in which people may still hear each other. */
  const findLeftRooms = async (rooms: Set<string>): Promise<void> => {
    foreign = foreign.intersection(rooms);
    const strange = [...rooms].filter((id) => !registry.byId(id) && !closing.has(id) && !foreign.has(id));
    if (strange.length === 0) return;
    const ended = new Set(await endedAmong(strange));
    for (const id of strange) (ended.has(id) ? closing : foreign).add(id);
  };

  /** Makes the rooms of live sessions that LiveKit does not have, and closes those it should not have any more. */
  const watchRooms = async (): Promise<void> => {
    const rooms = new Set(await media.listRooms());
    const live = registry.all().map(({ liveSessionId }) => liveSessionId);
    for (const id of closing) if (!rooms.has(id) && !live.includes(id)) closing.delete(id);
    await Promise.all(live.filter((id) => !rooms.has(id) && !closing.has(id)).map(openAgain));
    await findLeftRooms(rooms);
    await Promise.all([...closing].filter((id) => rooms.has(id)).map(media.closeRoom));
  };

  const loops = [
    repeat('media rooms looked into', LOOK_MS, lookIntoAll, log),
    repeat('media server watched', WATCH_MS, watchRooms, log),
  ];

  return {
    lookIntoAll,
    watchRooms,
    start: (): void => loops.forEach((loop) => loop.start()),
    stop: async (): Promise<void> => void (await Promise.all(loops.map((loop) => loop.stop()))),
  };
};
