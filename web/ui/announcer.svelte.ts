/**
 * The one voice for screen readers. Polite news waits its turn; assertive news (recording, removal) does not.
 * Components say; Announcer.svelte shows what is said to assistive technology alone.
 */
class Announcer {
  polite = $state('');
  assertive = $state('');

  say(text: string): void {
    this.polite = text;
  }

  insist(text: string): void {
    this.assertive = text;
  }
}

export const announcer = new Announcer();
