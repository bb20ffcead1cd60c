import { expect, it } from 'vitest';
import { escapeHtml } from './html.ts';
import { fillDocument } from './static.ts';

const html =
  '<html lang="en"><head><!--loggia:head--><title>Loggia</title><!--/loggia:head--></head><body><div id="app"><!--loggia:body--></div></body></html>';

it('head, body and language take their places, and what a title holds is never read as a pattern', () => {
  expect(fillDocument(html, { head: '<title>$& $1</title>', body: '<h1>$`</h1>', lang: 'it' })).toBe(
    '<html lang="it"><head><title>$& $1</title></head><body><div id="app"><h1>$`</h1></div></body></html>',
  );
});

it('without parts the document stays as it was built', () => expect(fillDocument(html, {})).toBe(html));

it('text cannot break out of content or attributes', () =>
  expect(escapeHtml(`<a href='x' title="y">&</a>`)).toBe(
    '&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;&lt;/a&gt;',
  ));
