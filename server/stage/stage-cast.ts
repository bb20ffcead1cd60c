/** Telling the clients what has changed: one function per thing that can change, with who may know of it. */
import type { LiveRegistry } from '../room/live-registry.ts';
import type { OpenHand } from './hand.ts';
import type { LiveSeat, LiveStage } from './stage-book.ts';
import type { StageHub } from './stage-hub.ts';
import { handView, numberView, seatView } from './stage-view.ts';

export const stageCast = ({ hub, registry }: { hub: StageHub; registry: LiveRegistry }) => ({
  seat: (live: LiveSeat): void => hub.change(live.seat.liveSessionId, { kind: 'seat', seat: seatView(live) }),
  seatGone: (liveSessionId: string, seatId: string): void => hub.change(liveSessionId, { kind: 'seatGone', seatId }),
  hand: (hand: OpenHand): void => hub.change(hand.liveSessionId, { kind: 'hand', hand: handView(hand) }, 'moderators'),
  handGone: (liveSessionId: string, handId: string): void =>
    hub.change(liveSessionId, { kind: 'handGone', handId }, 'moderators'),
  books: (liveSessionId: string, booksBalance: boolean): void =>
    hub.change(liveSessionId, { kind: 'books', booksBalance }, 'moderators'),
  listeners: (stage: LiveStage): void => {
    const entry = registry.byId(stage.liveSessionId);
    if (entry) hub.change(stage.liveSessionId, { kind: 'listeners', listeners: numberView(stage, entry.policy) });
  },
  recording: ({ liveSessionId, recording }: LiveStage): void =>
    hub.change(liveSessionId, { kind: 'recording', recording }),
  policy: (liveSessionId: string): void => {
    const entry = registry.byId(liveSessionId);
    if (!entry) return;
    const { title, topic, policy } = entry;
    hub.change(liveSessionId, { kind: 'policy', title, topic, recordingArmed: policy.recordingArmed });
  },
});
export type StageCast = ReturnType<typeof stageCast>;
