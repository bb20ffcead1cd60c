/*
 * Accounts and recordings from the command line, for whoever runs the instance: `npm run admin -- <command>`. Works on
 * the database of a running instance and on that of a stopped one, which is started for as long as it takes. Answers
 * in JSON; what is wrong goes to stderr.
 */
import { ConfigError } from '../server/config.ts';
import { Problem, PROBLEMS } from '../server/problems.ts';
import { readArguments, usage, UsageError } from './admin/arguments.ts';
import { onInstance } from './admin/instance.ts';
import { peopleCommands } from './admin/people.ts';
import { recordingCommands } from './admin/recordings.ts';

const commands = { ...peopleCommands, ...recordingCommands };

const main = async (): Promise<object> => {
  const given = readArguments(process.argv.slice(2));
  const { command } = given;
  const run = commands[command];
  if (!run) throw new UsageError(command ? `There is no command "${command}".` : 'Which command?');
  return onInstance((instance) => run(instance, given));
};

const explain = (error: unknown): string => {
  if (error instanceof UsageError) return `${error.message}\n\n${usage}`;
  if (error instanceof Problem) return `${error.detail ?? error.message} ${PROBLEMS[error.code].next}\n`;
  if (error instanceof ConfigError) return `${error.message}\n`;
  return `${error instanceof Error ? error.stack : String(error)}\n`;
};

try {
  const answer = await main();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  if ('findings' in answer && Array.isArray(answer.findings) && answer.findings.length > 0) {
    process.stderr.write(`${answer.findings.join('\n')}\n`);
    process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(explain(error));
  process.exitCode = error instanceof UsageError ? 64 : 1; // EX_USAGE of sysexits.h
}
