import { m } from '../paraglide/messages.js';

const partOfDay = (hour: number, weekday: string): string => {
  if (hour < 5 || hour >= 22) return m.night_of({ weekday });
  if (hour < 12) return m.morning_of({ weekday });
  return hour < 18 ? m.afternoon_of({ weekday }) : m.evening_of({ weekday });
};

/** What one would call this hour: "Sunday evening". */
export const eveningName = (now: Date, locale: string): string => {
  const words = partOfDay(now.getHours(), new Intl.DateTimeFormat(locale, { weekday: 'long' }).format(now));
  return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
};
