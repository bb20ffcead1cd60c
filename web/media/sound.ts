let context: AudioContext | undefined;

/**
 * Must run inside a tap, before anything is awaited: browsers (Safari above all) let a page sound only from within a
 * person's own act, and the permission then lasts for the page.
 */
export const unlockSound = (): void => {
  context ??= new AudioContext();
  void context.resume();
};

const note = (audio: AudioContext, hertz: number, at: number): void => {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.12, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.34);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.36);
};

/** Two soft notes when recording starts (rising) or stops (falling). Made here, so that nothing is fetched or late. */
export const playRecordingTone = (started: boolean): void => {
  if (!context) return;
  const at = context.currentTime + 0.02;
  note(context, started ? 523.25 : 783.99, at);
  note(context, started ? 783.99 : 523.25, at + 0.18);
};
