/* `npm start` with the tiny server in place of the real one: all of the launcher, and nothing to build. */
import { join } from 'node:path';
import { runInstance } from '../../scripts/start.ts';

await runInstance({
  apiCommand: [process.execPath, join(import.meta.dirname, 'tiny-server.ts')],
  freePorts: process.argv.includes('--free-ports'),
});
