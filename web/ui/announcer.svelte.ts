import { untrack } from 'svelte';

/** The same words again count as nothing new for a screen reader, unless something about them differs. */
const anew = (text: string, before: string): string => (text === before ? `${text}\u00a0` : text);

/**
 * The one voice for screen readers. Polite news waits its turn; assertive news (recording, removal) does not.
 * Components say; Announcer.svelte shows what is said to assistive technology alone.
 */
class Announcer {
  polite = $state('');
  assertive = $state('');

  // Untracked: an effect that says something must not run again because it was said.
  say(text: string): void {
    this.polite = anew(
      text,
      untrack(() => this.polite),
    );
  }

  insist(text: string): void {
    this.assertive = anew(
      text,
      untrack(() => this.assertive),
    );
  }
}

export const announcer = new Announcer();
