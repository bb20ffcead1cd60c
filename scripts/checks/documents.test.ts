import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { settings } from '../../server/config.ts';
import { EPISODE_TABLE } from '../../server/publication/episode.ts';
import { MASTER_TABLE } from '../../server/recording/master.ts';
import { TAKE_TABLE } from '../../server/recording/take.ts';
import { LIVE_SESSION_EDGES } from '../../server/room/live-session.ts';
import { HAND_TABLE } from '../../server/stage/hand.ts';
import { SEAT_TABLE } from '../../server/stage/seat.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const documents = ['.', 'docs', 'docs/adr', 'recordings'].flatMap(markdownIn);

/** Everything that `pattern`'s first group finds, as `[document, what was found]`. */
const findAll = (pattern: RegExp, files: readonly string[] = documents): [string, string][] =>
  files.flatMap((file) => [...read(file).matchAll(pattern)].map(([, found]): [string, string] => [file, found ?? '']));

/** state → event → next state */
type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

const rows = (lines: string[][]): string => lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const printTable = (table: Table): string => {
  const events = [...new Set(Object.values(table).flatMap((moves) => Object.keys(moves)))];
  const head = ['', ...events];
  const body = Object.entries(table).map(([state, moves]) => [
    `**${state}**`,
    ...events.map((event) => moves[event] ?? '–'),
  ]);
  return rows([head, head.map(() => '---'), ...body]);
};

const printMoves = (table: Readonly<Record<string, readonly string[]>>): string =>
  rows([
    ['', 'may become'],
    ['---', '---'],
    ...Object.entries(table).map(([state, next]) => [`**${state}**`, next.join(', ') || '–']),
  ]);

const liveSessionTable: Table = Object.fromEntries(
  LIVE_SESSION_EDGES.map(({ from }) => [
    from,
    Object.fromEntries(LIVE_SESSION_EDGES.filter((edge) => edge.from === from).map(({ event, to }) => [event, to])),
  ]),
);

const printed = {
  LiveSession: printTable(liveSessionTable),
  Seat: printTable(SEAT_TABLE),
  Hand: printTable(HAND_TABLE),
  Take: printTable(TAKE_TABLE as Table),
  Master: printMoves(MASTER_TABLE),
  Episode: printTable(EPISODE_TABLE as Table),
};

it.each(Object.entries(printed))('the states of %s in ARCHITECTURE.md are those of the code', (name, table) => {
  const [, found] = new RegExp(`<!-- states of ${name} -->\n([^]*?)\n<!-- end -->`).exec(read('ARCHITECTURE.md')) ?? [];
  expect(found, `between its two marks there should stand:\n\n${table}\n\n`).toBe(table);
});

it('every link between documents leads somewhere', () => {
  const links = findAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g);
  expect(links.filter(([file, to]) => !existsSync(join(root, dirname(file), to)))).toEqual([]);
});

it('every file that ARCHITECTURE.md and CONTRIBUTING.md name is there', () => {
  const paths = findAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g, ['ARCHITECTURE.md', 'CONTRIBUTING.md']);
  expect(paths.filter(([, path]) => !['', 'server'].some((base) => existsSync(join(root, base, path))))).toEqual([]);
});

const testFiles = ['server', 'test', 'web', 'scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name)),
);

it('every test that the pains of recording name exists', () => {
  const named = findAll(/"([^"]+)"/g, ['docs/recording-pains.md']);
  const tests = testFiles.map(read).join('\n');
  expect(named.length).toBeGreaterThan(20);
  expect(
    named.filter(([, name]) => !['`', "'", '"'].some((quote) => tests.includes(`${quote}${name}${quote}`))),
  ).toEqual([]);
});

it('every command and every setting that a document names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const commands = findAll(/npm run (?:-s )?([a-z:]+)/g).filter(([, name]) => !(name in scripts));
  const others = ['CHROMIUM_BIN', 'XDG_CACHE_HOME'];
  const names = findAll(/`([A-Z]{2,}(?:_[A-Z]+)+)(?:=[^`]*)?`/g).filter(
    ([, name]) => !(name in settings.shape) && !others.includes(name),
  );
  expect([...commands, ...names]).toEqual([]);
});
