/** The command line of `npm run admin`. */
import { parseArgs } from 'node:util';

export const usage = `npm run admin -- <command>
  host create --name NAME [--password-stdin]       a new host; without --password-stdin a password is made and shown
  host list
  token create --host NAME [--name LABEL] [--days 30] [--scope rooms|stage|recordings|episodes …]
  reset-password --host NAME [--password-stdin]    also signs the host out everywhere
  recording list                                   every recording, with its takes and its size on disk
  recording verify ID                              reads every file through; exit code 1 when something is wrong
  recording recover ID [--room ROOM]               rebuilds rows from the journal and queues a master
  recording export ID [--to FOLDER] [--wav]        a folder for other programs: tracks in step, labels, masters
`;

/** A mistake in the command line. */
export class UsageError extends Error {}

const options = {
  name: { type: 'string' },
  host: { type: 'string' },
  days: { type: 'string', default: '30' },
  scope: { type: 'string', multiple: true },
  'password-stdin': { type: 'boolean', default: false },
  room: { type: 'string' },
  to: { type: 'string' },
  wav: { type: 'boolean', default: false },
} as const;

/** `command` is made of the leading words; what follows `recording <verb>` is the id. */
export const readArguments = (args: string[]) => {
  try {
    const { positionals, values: flags } = parseArgs({ args, allowPositionals: true, options });
    const words = positionals[0] === 'recording' ? 2 : positionals.length;
    const [id, ...rest] = positionals.slice(words);
    if (rest.length > 0) throw new UsageError(`"${rest.join(' ')}" is one word too many.`);
    return { command: positionals.slice(0, words).join(' '), id, flags };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

export type Arguments = ReturnType<typeof readArguments>;
export type Flags = Arguments['flags'];
