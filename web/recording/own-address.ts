/**
 * An address of the server as seen from this page, whatever name the page was opened under: the cookie of a host travels
 * to the page's own origin alone, and only sound from there can be made louder.
 */
export const ownAddress = (url: string): string => new URL(url).pathname;
