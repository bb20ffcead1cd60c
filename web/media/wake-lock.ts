/** Keeps the screen awake while on stage; the browser drops the lock with the tab's visibility, so it is taken again. */
export const holdWakeLock = (): (() => void) => {
  if (!('wakeLock' in navigator)) return () => undefined;
  let lock: WakeLockSentinel | null = null;
  let released = false;
  const take = async (): Promise<void> => {
    if (released || document.visibilityState !== 'visible') return;
    // Refused on a low battery; the screen then sleeps as usual.
    lock = await navigator.wakeLock.request('screen').catch(() => null);
    if (released) void lock?.release();
  };
  const again = (): void => void take();
  again();
  document.addEventListener('visibilitychange', again);
  return () => {
    released = true;
    document.removeEventListener('visibilitychange', again);
    void lock?.release();
  };
};
