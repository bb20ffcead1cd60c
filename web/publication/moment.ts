/** Seconds from the `t` of a shared address: `90`, `90.5`, `1:30`, `1:02:03`; null when it says nothing usable. */
export const secondsOf = (t: string | null): number | null => {
  if (t === null || !/^\d+(?::[0-5]?\d){0,2}(?:\.\d+)?$/.test(t)) return null;
  return t.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0);
};

/** The address of an episode at a second of it. */
export const addressAt = (url: string, seconds: number): string => {
  const address = new URL(url);
  if (seconds >= 1) address.searchParams.set('t', String(Math.floor(seconds)));
  return address.href;
};
