/**
 * What the limiter below adds by itself: the Web Audio API's compressor makes up 0.6 of what it takes from full scale,
 * (6 - 6 / 20) dB here (https://webaudio.github.io/web-audio-api/#DynamicsCompressorNode).
 */
const MAKEUP_DB = 0.6 * (6 - 6 / 20);

const factor = (db: number): number => 10 ** (db / 20);

/**
 * Brings an `<audio>` element to its loudness and never clips: less by its own volume, more through a limiter. Called
 * from within a tap; where Web Audio does not run, the element plays on as it is.
 */
export class ReplayGain {
  private gain: GainNode | null = null;
  private context: AudioContext | null = null;

  async apply(element: HTMLAudioElement, gainDb: number): Promise<void> {
    if (this.gain === null && gainDb <= 0) {
      element.volume = factor(gainDb);
      return;
    }
    try {
      this.context ??= new AudioContext();
      await this.context.resume();
      if (this.context.state !== 'running') return;
      this.gain ??= this.connect(this.context, element);
      element.volume = 1;
      this.gain.gain.value = factor(gainDb - MAKEUP_DB);
    } catch {
      // Quieter than it could be, but heard.
    }
  }

  close(): void {
    void this.context?.close();
  }

  private connect(context: AudioContext, element: HTMLAudioElement): GainNode {
    const gain = new GainNode(context);
    const limiter = new DynamicsCompressorNode(context, { threshold: -6, knee: 0, ratio: 20, attack: 0, release: 0.2 });
    context.createMediaElementSource(element).connect(gain).connect(limiter).connect(context.destination);
    return gain;
  }
}
