/** The tag for Intl: English here is written as in Britain, without the serial comma and with the day before the month. */
export const intlTag = (locale: string): string => (locale === 'en' ? 'en-GB' : locale);
