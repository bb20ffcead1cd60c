interface RoomKeys {
  microphone: () => unknown;
  hand: () => unknown;
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable], dialog') !== null;

/** M for the microphone, H for the hand; silent in text fields, in dialogs and with modifier keys. Returns the end. */
export const listenForKeys = (keys: RoomKeys): (() => void) => {
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
    if (event.code === 'KeyM') keys.microphone();
    if (event.code === 'KeyH') keys.hand();
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
};
