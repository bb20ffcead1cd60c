declare global {
  /** Left by public/early.js, which takes the secret out of the address bar before anything else runs. */
  var loggiaSecret: string | undefined;
}

/** The secret of the link that was opened, if there was one. Can be taken once. */
export const takeSecret = (): string | null => {
  const secret = globalThis.loggiaSecret ?? null;
  globalThis.loggiaSecret = undefined;
  return secret;
};
