/** Accounts and API tokens. */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { hostNameSchema, passwordSchema } from '../../server/people/people.schema.ts';
import { scopesSchema } from '../../server/people/scopes.ts';
import type { Arguments, Flags } from './arguments.ts';
import { UsageError } from './arguments.ts';
import type { Instance } from './instance.ts';

type Command = (instance: Instance, given: Arguments) => Promise<object>;

const needed = (flags: Flags, flag: 'name' | 'host'): string => {
  const name = hostNameSchema.safeParse(flags[flag]);
  if (!name.success) throw new UsageError(`--${flag} is missing or too long.`);
  return name.data;
};

/** The password to set, and the part of the answer that shows it if it was made here. */
const passwordFrom = async (flags: Flags): Promise<{ password: string; shown: { password?: string } }> => {
  if (!flags['password-stdin']) {
    const password = randomBytes(15).toString('base64url');
    return { password, shown: { password } };
  }
  const password = passwordSchema.safeParse((await text(process.stdin)).replace(/\r?\n$/, ''));
  if (!password.success) throw new UsageError('A password has 10 to 256 characters.');
  return { password: password.data, shown: {} };
};

const peopleOf = async ({ config, database }: Instance) => {
  const [{ peopleChapter }, { systemClock }] = await Promise.all([
    import('../../server/people/chapter.ts'),
    import('../../server/platform/clock.ts'),
  ]);
  return peopleChapter({ config, database, clock: systemClock });
};

export const peopleCommands: Record<string, Command> = {
  'host create': async (instance, { flags }) => {
    const { people } = await peopleOf(instance);
    const { password, shown } = await passwordFrom(flags);
    return { ...(await people.createHost(needed(flags, 'name'), password)), ...shown };
  },
  'host list': async (instance) => ({ hosts: await (await peopleOf(instance)).hosts.list() }),
  'token create': async (instance, { flags }) => {
    const days = Number(flags.days);
    if (!Number.isInteger(days) || days < 1 || days > 3650) throw new UsageError('--days is a number from 1 to 3650.');
    const scopes = scopesSchema.optional().safeParse(flags.scope);
    if (!scopes.success) throw new UsageError('--scope is one of rooms, stage, recordings, episodes.');
    const order = { hostName: needed(flags, 'host'), name: flags.name ?? 'admin', days, scopes: scopes.data };
    const { people } = await peopleOf(instance);
    const { token, expiresAt, scopes: granted } = await people.createApiToken(order);
    return { token, host: order.hostName, name: order.name, scopes: granted, expiresAt: expiresAt.toISOString() };
  },
  'reset-password': async (instance, { flags }) => {
    const { people } = await peopleOf(instance);
    const { password, shown } = await passwordFrom(flags);
    const name = needed(flags, 'host');
    await people.resetPassword(name, password);
    return { name, ...shown };
  },
};
