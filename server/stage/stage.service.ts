/**
 * The life of a stage with its live session: opened empty or from the rows, cleared at the end, and what others in the
 * house ask of it in between: admission asks for seats, recording for consents, rooms for their public card.
 */
import type { MediaRole } from '../media/port.ts';
import type { Clock } from '../platform/clock.ts';
import { isAudienceRole } from '../room/identity.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { CoarseNumber } from '../room/room.schema.ts';
import type { Visit } from '../room/visit.ts';
import type { ConsentService } from './consent.service.ts';
import type { ConsentsStore } from './consents.store.ts';
import type { HandsStore } from './hands.store.ts';
import type { Presence } from './presence.ts';
import type { SeatsStore } from './seats.store.ts';
import { liveSeat } from './stage-book.ts';
import type { LiveSeat, LiveStage, StageBook } from './stage-book.ts';
import type { StageCast } from './stage-cast.ts';
import type { StageHub } from './stage-hub.ts';
import type { EndReason } from './stage-stream.ts';
import type { RecordingLight } from './stage.schema.ts';
import { CLOSE } from './stage.schema.ts';
import { mayPublish, numberView, stageView, youView } from './stage-view.ts';

/** The seat that an identity holds, as the media plane has to know it. */
export type AdmittedSeat = {
  seatId: string;
  role: Extract<MediaRole, 'host' | 'moderator' | 'speaker'>;
  liveSessionId: string;
  mayPublish: boolean;
  participantSid?: string;
};

type Deps = {
  book: StageBook;
  seats: SeatsStore;
  hands: HandsStore;
  consentRows: ConsentsStore;
  consents: ConsentService;
  presence: Presence;
  registry: LiveRegistry;
  hub: StageHub;
  cast: StageCast;
  clock: Clock;
};

export const stageService = ({ book, seats, hands, consentRows, consents, presence, registry, ...deps }: Deps) => {
  const { hub, cast, clock } = deps;

  const entryOf = (stage: LiveStage, entry: LiveEntry): LiveEntry => registry.byId(stage.liveSessionId) ?? entry;

  /** Opens a stage from its rows; of a session that has just begun there are none. */
  const open = async (entry: LiveEntry): Promise<void> => {
    const { liveSessionId } = entry;
    const [occupied, given, up, removals] = await Promise.all([
      seats.occupied(liveSessionId),
      consentRows.inForce(liveSessionId),
      hands.open(liveSessionId),
      hands.removals(liveSessionId),
    ]);
    // Opened meanwhile by the same order: what has happened since then is not in these rows.
    if (book.stage(liveSessionId)) return;
    const stage = book.open(liveSessionId, entry.policy.recordingArmed);
    for (const seat of occupied) book.putSeat(liveSeat(seat, given.get(seat.seatId)));
    for (const hand of up) stage.hands.set(hand.handId, hand);
    for (const [identity, from] of removals) stage.removals.set(identity, from);
    hub.open(liveSessionId, {
      of: (tier) => stageView(stage, entryOf(stage, entry), tier),
      you: ({ role, identity }) => youView(stage, entryOf(stage, entry), role, identity),
    });
  };

  /** Ends every seat and forgets hands and removals. Bears being called again. */
  const clear = async (liveSessionId: string, reason: EndReason): Promise<void> => {
    book.close(liveSessionId);
    hub.end(liveSessionId, reason);
    await seats.endAll(liveSessionId, clock.now());
    await hands.clear(liveSessionId);
  };

  const admittedSeat = (identity: string): AdmittedSeat | undefined => {
    const live = book.seatOf(identity);
    const entry = live && registry.byId(live.seat.liveSessionId);
    if (!live || !entry) return undefined;
    const { seatId, role, liveSessionId } = live.seat;
    const participantSid = live.seat.state === 'waiting' ? undefined : live.seat.participantSid;
    return { seatId, role, liveSessionId, mayPublish: mayPublish(live, entry.policy), participantSid };
  };

  const isPresent = ({ liveSessionId, role, identity }: Visit): boolean => {
    if (isAudienceRole(role))
      return book.stage(liveSessionId) !== undefined && !book.isRemoved(liveSessionId, identity);
    const live = book.seatOf(identity);
    return live?.seat.role === role && live.seat.liveSessionId === liveSessionId;
  };

  return {
    open,
    clear,

    /** What admission to the media room asks. */
    seatBook: { liveSeat: admittedSeat, noteSid: presence.noteSid },
    removals: { isRemoved: book.isRemoved },

    /** Whether a visit may still act here: its seat has not ended; it has neither been removed nor stepped up. */
    isVisitLive: (visit: Visit): boolean =>
      isPresent(visit) && book.stage(visit.liveSessionId)?.removals.has(visit.identity) === false,

    /** Whether a visit may still listen: one that steps up goes on until it has arrived on the stage. */
    isPresent,

    /** A live room's title, topic or policy has changed. */
    roomChanged: async (entry: LiveEntry): Promise<void> => {
      const stage = book.stage(entry.liveSessionId);
      if (!stage) return;
      const isArmedNow = entry.policy.recordingArmed && !stage.armed;
      stage.armed = entry.policy.recordingArmed;
      cast.policy(stage.liveSessionId);
      cast.listeners(stage);
      if (isArmedNow) await consents.armed(stage.liveSessionId);
    },

    /** The red light; when a take starts, those on the stage who have not answered are asked again. */
    setRecordingLight: (liveSessionId: string, light: RecordingLight): void => {
      const stage = book.stage(liveSessionId);
      if (!stage) return;
      const starts = stage.recording.state === 'off' && light.state !== 'off';
      stage.recording = light;
      cast.recording(stage);
      if (starts) consents.ask(liveSessionId);
    },

    /** The connection of a stepped-up listener has done its service: its identity ends here. */
    retireListener: async (live: LiveSeat): Promise<void> => {
      const { liveSessionId } = live.seat;
      const stage = book.stage(liveSessionId);
      const identity = live.steppedUpFrom;
      if (!stage || identity === undefined) return;
      live.steppedUpFrom = undefined;
      const now = clock.now();
      stage.removals.set(identity, now);
      hub.close(liveSessionId, identity, CLOSE.takenOver);
      await hands.removeIdentity(liveSessionId, identity, now);
    },

    /** What the public card may say. */
    liveFacts: (liveSessionId: string): { listeners: CoarseNumber | null; speakers: string[]; recording: boolean } => {
      const stage = book.stage(liveSessionId);
      const entry = registry.byId(liveSessionId);
      if (!stage || !entry) return { listeners: null, speakers: [], recording: false };
      const sitting = [...stage.seats.values()].filter(({ seat }) => seat.state !== 'waiting');
      return {
        listeners: numberView(stage, entry.policy),
        speakers: sitting.map(({ seat }) => seat.displayName),
        recording: stage.recording.state === 'on' || stage.recording.state === 'closing',
      };
    },

    /** Since when nobody has been connected on the stage; undefined while somebody is. */
    emptySince: (liveSessionId: string): Date | undefined => book.stage(liveSessionId)?.emptySince,
  };
};
export type StageService = ReturnType<typeof stageService>;
