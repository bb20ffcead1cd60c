const KEY = 'loggia.host';

const remembered = (): boolean => {
  try {
    return sessionStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
};

/**
 * Whether a host signed in from this tab. Only decides which links are shown: the cookie lives below /manage, pages
 * for listeners never ask with it, and the server checks every act again.
 */
class KnownHost {
  signedIn = $state(remembered());

  set(signedIn: boolean): void {
    this.signedIn = signedIn;
    try {
      if (signedIn) sessionStorage.setItem(KEY, '1');
      else sessionStorage.removeItem(KEY);
    } catch {
      // Storage may be forbidden: the links are then right until the page is left.
    }
  }
}

export const knownHost = new KnownHost();
