/** A raised hand: a listener asks for the stage, is invited, and answers by their own click. A closed hand has no row. */
import { Problem } from '../problems.ts';

/** `identity` is the listening identity that raised it and is shown to nobody; `name` is the alias or the door's name. */
export type HandFacts = {
  readonly handId: string;
  readonly liveSessionId: string;
  readonly identity: string;
  readonly name: string;
  readonly anonymous: boolean;
  readonly raisedAt: Date;
};
export type Raised = { readonly state: 'raised' };
export type Invited = { readonly state: 'invited'; readonly invitedAt: Date };
export type Closed = { readonly state: 'accepted' | 'declined' | 'lowered' };
export type OpenHand = HandFacts & (Raised | Invited);
export type Hand = HandFacts & (Raised | Invited | Closed);

export type HandEvent =
  | { readonly type: 'invite'; readonly at: Date }
  | { readonly type: 'accept' }
  | { readonly type: 'decline' }
  | { readonly type: 'lower' }
  | { readonly type: 'dismiss' };

/** state → event → next state; the closed states refuse everything with `hand-gone`, a raised hand with `not-invited`. */
export const HAND_TABLE = {
  raised: { invite: 'invited', lower: 'lowered', dismiss: 'lowered' },
  invited: { invite: 'invited', accept: 'accepted', decline: 'declined', lower: 'lowered', dismiss: 'lowered' },
  accepted: {},
  declined: {},
  lowered: {},
} as const satisfies Record<Hand['state'], Partial<Record<HandEvent['type'], Hand['state']>>>;

export const isOpen = (hand: Hand): hand is OpenHand => hand.state === 'raised' || hand.state === 'invited';

const closed = (hand: Hand, state: Closed['state']): Hand => ({
  handId: hand.handId,
  liveSessionId: hand.liveSessionId,
  identity: hand.identity,
  name: hand.name,
  anonymous: hand.anonymous,
  raisedAt: hand.raisedAt,
  state,
});

/** The hand after `event`; `hand-gone` when it is closed, `not-invited` when it answers an invitation nobody gave. */
export const stepHand = (hand: Hand, event: HandEvent): Hand | Problem => {
  if (!isOpen(hand)) return new Problem('hand-gone');
  switch (event.type) {
    case 'invite':
      return hand.state === 'invited' ? hand : { ...hand, state: 'invited', invitedAt: event.at };
    case 'accept':
      return hand.state === 'invited' ? closed(hand, 'accepted') : new Problem('not-invited');
    case 'decline':
      return hand.state === 'invited' ? closed(hand, 'declined') : new Problem('not-invited');
    case 'lower':
    case 'dismiss':
      return closed(hand, 'lowered');
  }
};
