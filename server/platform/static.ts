/**
 * The built web app: hashed files that may be kept for ever, a few files at the root, and one document for every
 * address of the app, into which public pages write their head (title, Open Graph) and a body that reads without
 * JavaScript.
 */
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../problems.ts';
import { escapeHtml } from './html.ts';
import type { App } from './http.ts';
import { documentResponses } from './posture.ts';
import { sendProblem } from './problem-http.ts';

/** `head` and `body` are HTML, already escaped; `lang` is text. Left out, the app's own stay. */
export type DocumentParts = { head?: string; body?: string; lang?: string };

export type WebApp = {
  folder: string;
  /** The app's document with these parts in their places; undefined when the web app is not built. */
  renderDocument: (parts?: DocumentParts) => string | undefined;
};

export const builtWebFolder = resolve(import.meta.dirname, '../../dist');

const headPlace = /<!--loggia:head-->(?:[\s\S]*?<!--\/loggia:head-->)?/;
const bodyPlace = '<!--loggia:body-->';
const notBuilt = 'The web app is not built yet. Run: npm start\n';

/** Fills the places `<!--loggia:head-->` (up to `<!--/loggia:head-->`, if there) and `<!--loggia:body-->`. */
export const fillDocument = (html: string, { head, body, lang }: DocumentParts): string => {
  let filled = html;
  if (head !== undefined) filled = filled.replace(headPlace, () => head);
  if (body !== undefined) filled = filled.replace(bodyPlace, () => body);
  if (lang !== undefined) filled = filled.replace(/<html lang="[^"]*"/, () => `<html lang="${escapeHtml(lang)}"`);
  return filled;
};

/** Reads index.html when it is first needed, so that a build after the start is found. */
export const webApp = (folder: string = builtWebFolder): WebApp => {
  let index: string | undefined;
  return {
    folder,
    renderDocument: (parts = {}) => {
      const file = join(folder, 'index.html');
      if (index === undefined && existsSync(file)) index = readFileSync(file, 'utf8');
      return index === undefined ? undefined : fillDocument(index, parts);
    },
  };
};

/** Sends the app's document; 503 with a plain sentence when there is no build. Never kept by caches unasked. */
export const sendDocument = (web: WebApp, reply: FastifyReply, parts: DocumentParts = {}, status = 200) => {
  const html = web.renderDocument(parts);
  if (html === undefined)
    return reply.code(503).header('retry-after', 5).type('text/plain; charset=utf-8').send(notBuilt);
  return reply.code(status).header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(html);
};

const route = { config: { action: 'readInstance' }, schema: { hide: true, response: documentResponses } } as const;

const rootFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'index.html')
        .map((entry) => entry.name)
    : [];

const wantsPage = (request: FastifyRequest): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  !request.url.startsWith('/api/') &&
  !request.url.startsWith('/manage/api/') &&
  !request.url.startsWith('/media/') &&
  (request.headers.accept ?? '').includes('text/html');

/** Serves the web app: `/assets/*`, the files at its root, `/`, `/c` and `/manage/**`. Other pages come from their chapters. */
export const installWebApp = async (app: App, web: WebApp): Promise<void> => {
  // The build leaves scripts and styles in Brotli and gzip too (vite.config.ts).
  await app.register(fastifyStatic, { root: web.folder, serve: false, suppressWarning: true, preCompressed: true });
  app.get('/assets/*', route, (request, reply) =>
    reply.sendFile(`assets/${(request.params as { '*': string })['*']}`, { maxAge: '365d', immutable: true }),
  );
  for (const file of rootFiles(web.folder)) {
    app.get(`/${file}`, route, (_request, reply) => reply.sendFile(file, { maxAge: '10m' }));
  }
  for (const url of ['/', '/c', '/manage', '/manage/*']) {
    app.get(url, route, (_request, reply) => sendDocument(web, reply));
  }
  app.setNotFoundHandler((request, reply) =>
    wantsPage(request) ? sendDocument(web, reply, {}, 404) : sendProblem(new Problem('not-found'), request, reply),
  );
};
