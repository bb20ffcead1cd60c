import type { ConsentAnswer, Ticket, TicketRole } from '../../server/room/ticket.schema.ts';
import { issueHostTicket } from '../api/rooms.ts';
import { moderatorActs, visitorActs } from '../api/stage.ts';
import { LiveMedia, type MediaEnd } from '../media/live-media.svelte.ts';
import { visitMemory } from '../room/visit-memory.ts';
import { Task } from '../ui/task.svelte.ts';
import { END_CODES, EventStream, isFinal } from './event-stream.ts';
import { StageState } from './stage-state.svelte.ts';

export type VisitEnd = MediaEnd | 'refused';

const ON_STAGE: readonly TicketRole[] = ['host', 'moderator', 'speaker'];

/**
 * One person's visit to a live room, in whatever role: the ticket, what the event stream tells, and the sound. Going
 * up or down means a new identity: the new sound is joined first, then the old one is left.
 */
export class RoomVisit {
  readonly slug: string;
  ticket: Ticket = $state.raw() as Ticket;
  stage = $state.raw(new StageState());
  media: LiveMedia = $state.raw() as LiveMedia;
  end = $state<VisitEnd | null>(null);
  /** The personal receipt of the last yes; `receiptIsNew` until the person has seen to it. */
  receiptUrl = $state<string | null>(null);
  receiptIsNew = $state(false);
  readonly task = new Task();
  readonly acts;
  readonly moderation;

  readonly role: TicketRole = $derived(this.stage.you?.role ?? this.ticket.role);
  readonly onStage = $derived(ON_STAGE.includes(this.role));
  readonly consentNeeded = $derived(this.stage.you?.consentNeeded ?? this.ticket.consentNeeded);
  readonly recording = $derived(this.media.phase === 'live' ? this.media.recording : this.stageRecording());

  private stream: EventStream | null = null;
  /** While going up or down: the server ends the old identity before the new one is there, and that is no farewell. */
  private moving = false;
  /** The sound of the new identity while going up or down. */
  private coming: LiveMedia | null = null;
  private left = false;

  constructor(slug: string, ticket: Ticket) {
    this.slug = slug;
    this.ticket = ticket;
    this.receiptUrl = visitMemory.read(slug)?.receiptUrl ?? null;
    this.receive(ticket.receiptUrl);
    this.media = this.newMedia();
    this.acts = visitorActs(slug, () => this.ticket.visitSecret);
    this.moderation = moderatorActs(slug);
  }

  start(): void {
    this.openStream(this.ticket, this.stage);
    void this.media.connect(this.ticket);
  }

  leave(): void {
    this.left = true;
    this.stream?.close();
    void this.media.disconnect();
    void this.coming?.disconnect();
  }

  /** The first tap of a new speaker, or one that opens or closes the microphone. */
  toggleMicrophone(): Promise<void> {
    this.stage.mutedByModerator = false;
    return this.media.toggleMicrophone();
  }

  async answerConsent(answer: ConsentAnswer): Promise<void> {
    const { receiptUrl } = await this.acts.answerConsent(answer);
    if (receiptUrl) visitMemory.keepReceipt(this.slug, receiptUrl);
    this.receive(receiptUrl);
    const { recorded, published } = answer;
    if (this.stage.you) this.stage.you = { ...this.stage.you, consentNeeded: false, answer: { recorded, published } };
  }

  async raiseHand(): Promise<void> {
    const hand = await this.acts.raiseHand();
    if (this.stage.you) this.stage.you = { ...this.stage.you, hand };
  }

  async lowerHand(): Promise<void> {
    const hand = this.stage.you?.hand;
    if (!hand) return;
    await this.acts.lowerHand(hand.handId);
    if (this.stage.you) this.stage.you = { ...this.stage.you, hand: null };
  }

  async acceptInvite(body: { name?: string; consent?: ConsentAnswer }): Promise<void> {
    const hand = this.stage.you?.hand;
    if (hand) await this.move(() => this.acts.acceptInvite(hand.handId, body));
  }

  stepDown(): Promise<void> {
    return this.move(() => this.acts.stepDown());
  }

  private async move(ticketFor: () => Promise<Ticket>): Promise<void> {
    const before = { media: this.media, stream: this.stream };
    this.moving = true;
    try {
      const ticket = await ticketFor();
      before.stream?.close();
      this.take(ticket);
      const media = this.newMedia();
      this.coming = media;
      if (!this.left) await media.connect(ticket);
      await before.media.disconnect();
      if (this.left) return;
      this.media = media;
      this.openStream(ticket, new StageState());
    } finally {
      this.moving = false;
      this.coming = null;
    }
  }

  private newMedia(): LiveMedia {
    return new LiveMedia({
      renew: () => this.renew(),
      onend: (end) => this.finish(end),
      onrefused: () => this.finish('refused'),
      isFinal,
    });
  }

  /** The stage as it was stays on the screen until the new stream has told how it is. */
  private openStream(ticket: Ticket, stage: StageState): void {
    let first: Ticket | null = ticket;
    this.stream = new EventStream({
      admission: async () => {
        const admission = first ?? (await this.renew());
        first = null;
        return admission;
      },
      onframe: (frame) => {
        const after = stage.apply(frame);
        if (stage.view) this.stage = stage;
        if (after === 'end') this.finish(stage.removed ? 'removed' : 'ended');
        return after;
      },
      position: () => stage.position,
      onclose: (code) => {
        const end = END_CODES[code];
        if (end) this.finish(end);
      },
      onrefused: () => this.finish('refused'),
    });
    void this.stream.open();
  }

  /** The host's seat is proved by the cookie, every other visit by its own secret. */
  private async renew(): Promise<Ticket> {
    const ticket = this.ticket.role === 'host' ? await issueHostTicket(this.slug) : await this.acts.renewTicket();
    this.take(ticket);
    return ticket;
  }

  /** What comes too late is not remembered: the visit is over. */
  private take(ticket: Ticket): void {
    this.ticket = ticket;
    this.receive(ticket.receiptUrl);
    if (!this.left) visitMemory.keep(this.slug, ticket);
  }

  private receive(receiptUrl: string | null): void {
    if (!receiptUrl) return;
    this.receiptUrl = receiptUrl;
    this.receiptIsNew = true;
  }

  private finish(end: VisitEnd): void {
    if (this.end !== null || this.moving) return;
    this.end = end;
    if (end !== 'taken over') visitMemory.forget(this.slug);
    this.leave();
  }

  private stageRecording(): boolean {
    return this.stage.view?.recording.state === 'on';
  }
}
