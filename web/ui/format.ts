const two = (value: number): string => String(value).padStart(2, '0');

/** A running time as on a clock: `4:05`, `24:10`, `1:02:03`. */
export const elapsed = (durationMs: number): string => {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

const unit = (value: number, name: 'hour' | 'minute' | 'second', locale: string): string =>
  new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);

/** A length in words: `40 sec`, `48 min`, `1 hr 12 min`, short and in the way of the language. */
export const lengthInWords = (durationMs: number, locale: string): string => {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return unit(seconds, 'second', locale);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, 'minute', locale);
  const rest = minutes % 60;
  const hours = unit(Math.floor(minutes / 60), 'hour', locale);
  return rest === 0 ? hours : `${hours} ${unit(rest, 'minute', locale)}`;
};

/** A day without the year while it is this year's: `19 November`. */
export const day = (iso: string, locale: string, now = new Date()): string => {
  const date = new Date(iso);
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { day: 'numeric', month: 'long', year }).format(
    date,
  );
};

/** The time of day: `20:46`. */
export const timeOfDay = (iso: string, locale: string): string =>
  new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { hour: '2-digit', minute: '2-digit' }).format(
    new Date(iso),
  );

/** A file's size: `33 MB`, in powers of ten as download dialogs count. */
export const sizeInWords = (bytes: number, locale: string): string => {
  const mega = bytes / 1_000_000;
  const [value, name] = mega >= 1 ? [mega, 'megabyte'] : [bytes / 1000, 'kilobyte'];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: name as string,
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
};
