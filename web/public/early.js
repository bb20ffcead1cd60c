// Runs before anything else on the page, so that neither the router nor the history ever sees a secret.
(() => {
  const take = () => {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const secret = fragment.get('speak') ?? fragment.get('secret') ?? fragment.get('receipt');
    if (!secret) return;
    globalThis.loggiaSecret = secret;
    history.replaceState(history.state, '', location.pathname + location.search);
  };
  take();
  addEventListener('hashchange', take);
  let theme = null;
  try {
    theme = sessionStorage.getItem('loggia.theme');
  } catch {
    // Storage may be forbidden; the system's theme is used then.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
