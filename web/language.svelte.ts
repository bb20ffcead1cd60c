import { overwriteGetLocale, overwriteSetLocale, locales, type Locale } from './paraglide/runtime.js';

const KEY = 'loggia.language';

const isLocale = (value: string | null | undefined): value is Locale => locales.includes(value as Locale);

/** The first language of `preferred` (BCP 47 tags, best first) that the catalogue has; English otherwise. */
export const chooseLocale = (preferred: readonly string[]): Locale => {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split('-')[0];
    if (isLocale(language)) return language;
  }
  return 'en';
};

const remembered = (): string | null => {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
};

/** The interface's language. A choice lasts as long as the tab: listeners leave nothing behind in their browser. */
class Language {
  current = $state<Locale>('en');

  start(): void {
    const choice = remembered();
    this.current = isLocale(choice) ? choice : chooseLocale(navigator.languages);
    overwriteGetLocale(() => this.current);
    overwriteSetLocale((locale) => this.use(locale));
    document.documentElement.lang = this.current;
  }

  use(locale: Locale): void {
    this.current = locale;
    document.documentElement.lang = locale;
    try {
      sessionStorage.setItem(KEY, locale);
    } catch {
      // Storage may be forbidden: the choice then lasts until the page is left.
    }
  }
}

export const language = new Language();
