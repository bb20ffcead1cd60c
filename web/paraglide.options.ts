/**
 * How the catalogue in web/messages is compiled; the Vite build and the generate script read the same options.
 * The language is chosen by web/language.svelte.ts (and by the request on the server), never by a cookie.
 */
export const paraglideOptions = {
  project: './web/project.inlang',
  outdir: './web/paraglide',
  strategy: ['globalVariable', 'baseLocale'] as ['globalVariable', 'baseLocale'],
  outputStructure: 'message-modules' as const,
  emitTsDeclarations: true,
  emitReadme: false,
  emitGitIgnore: false,
  emitPrettierIgnore: false,
};
