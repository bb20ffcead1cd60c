import { intlTag } from './intl-tag.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** A running time as on a clock: `4:05`, `24:10`, `1:02:03`. */
export const elapsed = (durationMs: number): string => {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

/** A length in words, by the symbols of both languages: `40 s`, `48 min`, `1 h 12 min`. */
export const lengthInWords = (durationMs: number): string => {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
};

/** A day without the year while it is this year's: `19 November`. */
export const day = (iso: string, locale: string, now = new Date()): string => {
  const date = new Date(iso);
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat(intlTag(locale), { day: 'numeric', month: 'long', year }).format(date);
};

/** The time of day: `20:46`. */
export const timeOfDay = (iso: string, locale: string): string =>
  new Intl.DateTimeFormat(intlTag(locale), { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));

/** How long something can go on, as one would say it: `25 minutes`, `5 hours`, `3 days`; never more than there is. */
export const spanInWords = (minutes: number, locale: string): string => {
  const [value, unit] =
    minutes < 120 ? [minutes, 'minute'] : minutes < 2880 ? [minutes / 60, 'hour'] : [minutes / 1440, 'day'];
  const whole = Math.max(0, Math.floor(value as number));
  return new Intl.NumberFormat(intlTag(locale), { style: 'unit', unit: unit as string, unitDisplay: 'long' }).format(
    whole,
  );
};

/** A file's size: `33 MB`, in powers of ten as download dialogs count. */
export const sizeInWords = (bytes: number, locale: string): string => {
  const mega = bytes / 1_000_000;
  const [value, name] =
    mega >= 1000 ? [mega / 1000, 'gigabyte'] : mega >= 1 ? [mega, 'megabyte'] : [bytes / 1000, 'kilobyte'];
  return new Intl.NumberFormat(intlTag(locale), {
    style: 'unit',
    unit: name as string,
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
};
