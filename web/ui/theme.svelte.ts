const KEY = 'loggia.theme';

/** Night or day. Without a choice the system decides; a choice lasts as long as the tab (see public/early.js). */
class Theme {
  private chosen = $state(document.documentElement.dataset.theme);
  private readonly light = matchMedia('(prefers-color-scheme: light)');

  get current(): 'light' | 'dark' {
    if (this.chosen === 'light' || this.chosen === 'dark') return this.chosen;
    return this.light.matches ? 'light' : 'dark';
  }

  toggle(): void {
    const next = this.current === 'light' ? 'dark' : 'light';
    this.chosen = next;
    document.documentElement.dataset.theme = next;
    try {
      sessionStorage.setItem(KEY, next);
    } catch {
      // Storage may be forbidden: the choice then lasts until the page is left.
    }
  }
}

export const theme = new Theme();
