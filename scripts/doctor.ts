/* `npm run doctor [-- --json]`: looks at every part an instance needs and says what to do. Exit code 1 when one is broken. */
import { ConfigError } from '../server/config.ts';
import { examine } from './doctor/checks.ts';
import type { Finding } from './doctor/checks.ts';
import { completeSettings } from './settings/environment.ts';

const diagnose = async (): Promise<Finding[]> => {
  try {
    const { config, outside } = completeSettings(process.env, { keep: false });
    const settings: Finding = { part: 'Settings', state: 'ok', says: `data in ${config.dataDir}` };
    return [settings, ...(await examine({ config, outside, env: process.env }))];
  } catch (error) {
    const says = error instanceof ConfigError ? error.faults.join('; ') : (error as Error).message;
    return [{ part: 'Settings', state: 'broken', says }];
  }
};

const marks = { ok: 'ok    ', note: 'note  ', broken: 'BROKEN' };

const print = (findings: Finding[]): void => {
  const width = Math.max(...findings.map(({ part }) => part.length));
  for (const { part, state, says } of findings) {
    const [first, ...more] = says.split('\n');
    console.log(`${marks[state]}  ${part.padEnd(width)}  ${first}`);
    for (const line of more) console.log(`${' '.repeat(width + 10)}${line}`);
  }
};

const findings = await diagnose();
if (process.argv.includes('--json')) console.log(JSON.stringify(findings, null, 2));
else print(findings);
process.exit(findings.some(({ state }) => state === 'broken') ? 1 : 0);
