import { untrack } from 'svelte';
import type { ReplayView } from '../../server/recording/recording.schema.ts';
import { Playback } from '../publication/playback.svelte.ts';
import { ownAddress } from './own-address.ts';
import { ReplayGain } from './replay-gain.ts';

/** Which sound the one address of a replay serves: it changes with a further take, and when the fine version is there. */
const editionOf = ({ state, durationMs }: ReplayView): string => `${state}-${durationMs}`;

/**
 * The replay being played. Its address stays while the sound behind it changes; what plays is not interrupted for that:
 * the new sound is loaded from the next press of play, or at once where nothing plays or the old sound is gone.
 */
export class ReplayPlayback {
  readonly playback = new Playback(0, 0);
  /** What plays is the sound from before the last change. */
  behind = $state(false);

  private readonly gain = new ReplayGain();
  private element: HTMLAudioElement | null = null;
  private replay: ReplayView | null = null;
  private loaded = '';

  /** Svelte attachment for the `<audio>` element. */
  readonly attach = (element: HTMLAudioElement): (() => void) => {
    const detach = this.playback.attach(element);
    const catchUp = () => this.behind && this.turn();
    element.addEventListener('error', catchUp);
    this.element = element;
    this.loaded = '';
    untrack(() => this.replay && this.show(this.replay));
    return () => {
      element.removeEventListener('error', catchUp);
      detach();
      this.element = null;
    };
  };

  /** Takes in how the replay is now. */
  show(replay: ReplayView): void {
    this.replay = replay;
    if (this.element === null || editionOf(replay) === this.loaded) return;
    if (this.playback.playing) this.behind = true;
    else this.turn();
  }

  /** Plays or pauses, at the loudness of what is played. */
  readonly press = (): void => {
    if (this.behind && !this.playback.playing) this.turn();
    if (this.element && this.replay && !this.playback.playing) void this.gain.apply(this.element, this.replay.gainDb);
    this.playback.toggle();
  };

  /** Plays from a second of the replay on. */
  playFrom(seconds: number): void {
    if (this.behind) this.turn();
    this.playback.seek(seconds);
    if (!this.playback.playing) this.press();
  }

  /** Ends the sound with the page. */
  close(): void {
    this.gain.close();
  }

  private turn(): void {
    if (!this.replay) return;
    this.loaded = editionOf(this.replay);
    this.behind = false;
    this.playback.length = this.replay.durationMs / 1000;
    this.playback.reload(`${ownAddress(this.replay.url)}?edition=${this.loaded}`);
  }
}
