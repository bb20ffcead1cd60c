export const SPEEDS = [1, 1.25, 1.5, 1.75, 2] as const;
const STEP_SECONDS = 15;

/** An episode being played: mirrors one `<audio>` element, which stays the truth. */
export class Playback {
  time = $state(0);
  playing = $state(false);
  waiting = $state(false);
  failed = $state(false);
  speed = $state<number>(1);
  /** In seconds. */
  length = $state(0);

  private element: HTMLAudioElement | null = null;
  private startAt: number;

  /** `length` and `startAt` in seconds; nothing is loaded before the first tap on play. */
  constructor(length: number, startAt: number) {
    this.length = length;
    this.startAt = Math.min(startAt, length);
    this.time = this.startAt;
  }

  /** Svelte attachment for the `<audio>` element. */
  readonly attach = (element: HTMLAudioElement): (() => void) => {
    const stop = new AbortController();
    const on = (name: keyof HTMLMediaElementEventMap, act: () => void) =>
      element.addEventListener(name, act, { signal: stop.signal });
    this.element = element;
    on('timeupdate', () => (this.time = element.currentTime));
    on('seeking', () => (this.time = element.currentTime));
    on('loadedmetadata', () => this.arrive());
    on('play', () => (this.playing = true));
    on('pause', () => (this.playing = false));
    on('waiting', () => (this.waiting = true));
    on('playing', () => (this.waiting = false));
    on('error', () => this.fail());
    element.querySelector('source:last-of-type')?.addEventListener('error', () => this.fail(), { signal: stop.signal });
    return () => {
      stop.abort();
      element.pause();
    };
  };

  toggle(): void {
    if (!this.element) return;
    if (this.failed) this.reload();
    if (this.element.paused) void this.element.play().catch(() => (this.playing = false));
    else this.element.pause();
  }

  seek(seconds: number): void {
    const target = Math.min(Math.max(0, seconds), this.length);
    this.time = target;
    if (this.element && this.element.readyState > 0) this.element.currentTime = target;
    else this.startAt = target;
  }

  /** Loads the sound again, or the one at another address, and comes back to the same place; goes on if it was playing. */
  reload(address?: string): void {
    if (!this.element) return;
    const playing = !this.element.paused;
    this.startAt = this.time;
    this.failed = false;
    if (address === undefined) this.element.load();
    else this.element.src = address;
    if (playing) void this.element.play().catch(() => (this.playing = false));
  }

  step(direction: 1 | -1): void {
    this.seek(this.time + direction * STEP_SECONDS);
  }

  nextSpeed(): void {
    const index = SPEEDS.findIndex((speed) => speed === this.speed);
    this.speed = SPEEDS[(index + 1) % SPEEDS.length] ?? 1;
    if (this.element) this.element.playbackRate = this.speed;
  }

  private arrive(): void {
    if (!this.element) return;
    this.element.playbackRate = this.speed;
    if (this.startAt > 0) this.element.currentTime = this.startAt;
    this.startAt = 0;
  }

  private fail(): void {
    this.failed = true;
    this.playing = false;
    this.waiting = false;
  }
}
