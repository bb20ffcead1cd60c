/* `npm run demo`: the whole job by itself. Opens a room, lets two voices talk to listeners, records, publishes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpisodeView } from '../server/publication/episode.schema.ts';
import { holdEvening } from './demo/evening.ts';
import { openHouse } from './demo/house.ts';
import type { DemoOptions } from './demo/options.ts';
import { readOptions } from './demo/options.ts';
import type { DemoReport } from './demo/report.ts';
import { reportOf } from './demo/report.ts';
import { settingsOfDemo } from './demo/settings.ts';
import { completeSettings } from './settings/environment.ts';
import type { Stack } from './stack.ts';
import { runInstance } from './start.ts';

const say = (line: string): void => console.log(line);

/** What a stranger would do with the addresses: read the feed, ask for the enclosure. */
const visitEpisode = async (episode: EpisodeView): Promise<void> => {
  const feed = await (await fetch(episode.feedUrl)).text();
  const [enclosure] = episode.renditions;
  if (!enclosure || !feed.includes(enclosure.url)) throw new Error('The episode is missing in the feed.');
  const head = await fetch(enclosure.url, { method: 'HEAD' });
  if (Number(head.headers.get('content-length')) !== enclosure.bytes) throw new Error('The enclosure is not served.');
  const page = await fetch(episode.url);
  if (!page.ok || !(await page.text()).includes(enclosure.url)) throw new Error('The episode has no page.');
};

const play = async (stack: Stack, options: DemoOptions): Promise<DemoReport> => {
  const { config, baseUrl } = stack;
  const house = await openHouse(stack);
  const evening = await holdEvening({ stack, house, options, say });
  const names = options.speakers.map(({ name }) => name).join(' and ');
  const episode = await house.publishEpisode(evening.recordingId, `${names} under the arches`, 'Made by the demo.');
  await visitEpisode(episode);
  say(`\nEpisode: ${episode.url}\nFeed:    ${episode.feedUrl}\nRoom:    ${baseUrl}/r/${evening.room}`);
  return reportOf({ baseUrl, recordingsDir: config.recordingsDir }, evening, episode);
};

const ready = (options: DemoOptions) => async (stack: Stack) => {
  try {
    const report = await play(stack, options);
    if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    console.error(`The demo failed: ${(error as Error).message}`);
    return 1;
  }
  if (options.exit) return 0;
  say('Ctrl-C stops everything.');
};

const options = (() => {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
})();

// An instance of its own beside the real one, kept between runs: the real database never sees a synthetic voice.
const settings = settingsOfDemo(process.env);
const { config } = completeSettings(settings, { keep: false });
const folders = { dataDir: join(config.dataDir, 'demo'), recordingsDir: join(config.recordingsDir, 'demo') };
await runInstance({ settings, ...folders, freePorts: true }, ready(options));
