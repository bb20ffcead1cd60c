import type { ServerFrame, StageNotice, StageView, You } from '../../server/stage/stage.schema.ts';
import { changed, placeSeats } from './stage-view.ts';

/** What the event stream has to do after a frame. */
export type AfterFrame = 'go on' | 'resume' | 'end';

/**
 * A live room as the event stream tells it. Fed by `apply`, frame by frame; knows nothing of sockets or views. A hole
 * in the sequence, or a delta of another epoch, asks for a resume and changes nothing.
 */
export class StageState {
  view = $state.raw<StageView | null>(null);
  you = $state.raw<You | null>(null);
  places = $state.raw<(string | null)[]>([]);
  ended = $state<string | null>(null);
  removed = $state(false);
  mutedByModerator = $state(false);

  readonly seats = $derived(this.view?.seats ?? []);
  readonly hands = $derived(this.view?.hands ?? []);
  readonly mySeat = $derived(this.seats.find((seat) => seat.seatId === this.you?.seatId) ?? null);

  private epoch = '';
  private seq = -1;

  /** Where the stream stands, for `resume`. */
  get position(): { epoch: string; seq: number } {
    return { epoch: this.epoch, seq: this.seq };
  }

  apply(frame: ServerFrame): AfterFrame {
    switch (frame.type) {
      case 'snapshot':
        this.epoch = frame.epoch;
        this.seq = frame.seq;
        this.you = frame.you;
        this.show(frame.view);
        return 'go on';
      case 'delta':
        return this.advance(frame);
      case 'notice':
        this.notice(frame.notice);
        return frame.notice.kind === 'removed' ? 'end' : 'go on';
      case 'ended':
        this.ended = frame.reason;
        return 'end';
      case 'pong':
        return 'go on';
    }
  }

  private advance(frame: Extract<ServerFrame, { type: 'delta' }>): AfterFrame {
    if (frame.epoch === this.epoch && frame.seq <= this.seq) return 'go on';
    if (this.view === null || frame.epoch !== this.epoch || frame.seq !== this.seq + 1) return 'resume';
    this.seq = frame.seq;
    this.show(frame.changes.reduce(changed, this.view));
    return 'go on';
  }

  private show(view: StageView): void {
    this.view = view;
    this.places = placeSeats(this.places, view.seats);
  }

  private notice(notice: StageNotice): void {
    switch (notice.kind) {
      case 'hand':
        if (this.you) this.you = { ...this.you, hand: notice.hand };
        return;
      case 'muted':
        this.mutedByModerator = true;
        return;
      case 'removed':
        this.removed = true;
        return;
      case 'consentNeeded':
        if (this.you) this.you = { ...this.you, consentNeeded: true };
    }
  }
}
