/** `npm run format`: rewrites every file of ours in the house's format. */
import { join } from 'node:path';
import { runTool } from './checks/command.ts';

const faults = await runTool(join(import.meta.dirname, '..'), 'oxfmt', ['.']);
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
