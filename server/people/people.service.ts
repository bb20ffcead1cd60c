import type { Clock } from '../platform/clock.ts';
import { hashSecret, randomSecret } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import type { Action } from './actions.schema.ts';
import type { HostActor } from './actor.ts';
import type { ApiTokensStore } from './api-tokens.store.ts';
import type { Host, HostsStore } from './hosts.store.ts';
import { knownHosts } from './known-hosts.ts';
import { loginLifeSeconds } from './login-cookie.ts';
import type { LoginsStore } from './logins.store.ts';
import type { PasswordHasher } from './password.ts';
import type { Scope } from './scopes.ts';
import { SCOPES } from './scopes.ts';

type Deps = {
  hosts: HostsStore;
  logins: LoginsStore;
  apiTokens: ApiTokensStore;
  passwords: PasswordHasher;
  clock: Clock;
  /** Called once the first host exists. */
  onSetUp?: () => Promise<void>;
};

export type SignedIn = { host: Host; token: string };
export type ApiTokenOrder = { hostName: string; name: string; days: number; scopes?: readonly Scope[] };

// Recognisable to secret scanners.
const apiTokenPrefix = 'loggia_';
const dayMs = 24 * 60 * 60 * 1000;

const actorOf = (host: Host, scopes?: readonly Scope[]): HostActor => ({
  kind: 'host',
  role: host.isOwner ? 'owner' : 'host',
  hostId: host.id,
  name: host.name,
  scopes,
});

/** Hosts and how they prove who they are. Tokens are 256 random bits; the database knows only their SHA-256. */
export const peopleService = ({ hosts, logins, apiTokens, passwords, clock, onSetUp }: Deps) => {
  const known = knownHosts(clock);

  const signInAs = async (host: Host): Promise<SignedIn> => {
    const token = randomSecret();
    const now = clock.now();
    await logins.removeExpired(now);
    const expiresAt = new Date(now.getTime() + loginLifeSeconds * 1000);
    await logins.create({ hostId: host.id, tokenHash: hashSecret(token), now, expiresAt });
    return { host, token };
  };

  /** Forgotten even when the row cannot be removed, and after it: who asks meanwhile is remembered no longer. */
  const endLogin = (token: string): Promise<void> => {
    const tokenHash = hashSecret(token);
    return logins.remove(tokenHash).finally(() => known.forget(tokenHash));
  };

  return {
    /** Spends the set-up link and signs the new owner in. Throws `setup-link-spent`. */
    setUp: async (order: { secret: string; name: string; password: string }): Promise<SignedIn> => {
      const secretHash = hashSecret(order.secret);
      // A cheap look first: a wrong link must not cost an argon2 hash.
      if (!(await hosts.isSetupLinkOpen(secretHash, clock.now()))) throw new Problem('setup-link-spent');
      const passwordHash = await passwords.hash(order.password);
      const owner = await hosts.createOwner(secretHash, { name: order.name, passwordHash }, clock.now());
      if (!owner) throw new Problem('setup-link-spent');
      await onSetUp?.();
      return signInAs(owner);
    },

    /** `previousToken`, if the browser was signed in, stops working: every sign-in is a new login. */
    signIn: async (name: string, password: string, previousToken: string | undefined): Promise<SignedIn> => {
      const found = await hosts.byName(name);
      const matches = await passwords.verify(found?.passwordHash, password);
      if (!found || !matches) throw new Problem('sign-in-failed');
      if (previousToken) await endLogin(previousToken);
      return signInAs({ id: found.id, name: found.name, isOwner: found.isOwner });
    },

    signOut: endLogin,

    /** `action` is what is about to be done: while the database is away, only endings are. */
    actorOfLogin: (token: string, action: Action): Promise<HostActor | undefined> => {
      const tokenHash = hashSecret(token);
      return known.ask(tokenHash, action, async () => {
        const found = await logins.hostOf(tokenHash, clock.now());
        return found && { actor: actorOf(found.host), expiresAt: found.expiresAt };
      });
    },

    actorOfApiToken: (token: string, action: Action): Promise<HostActor | undefined> => {
      const tokenHash = hashSecret(token);
      return known.ask(tokenHash, action, async () => {
        const found = await apiTokens.hostOf(tokenHash, clock.now());
        return found && { actor: actorOf(found.host, found.scopes), expiresAt: found.expiresAt };
      });
    },

    /** Throws `name-taken`. */
    createHost: async (name: string, password: string): Promise<Host> => {
      const passwordHash = await passwords.hash(password);
      return hosts.create({ name, passwordHash, isOwner: (await hosts.count()) === 0 });
    },

    /** Throws `not-found`. The token itself is in this answer and nowhere else. */
    createApiToken: async (order: ApiTokenOrder): Promise<{ token: string; expiresAt: Date; scopes: Scope[] }> => {
      const host = await hosts.byName(order.hostName);
      if (!host) throw new Problem('not-found', { detail: `There is no host named ${order.hostName}.` });
      const token = `${apiTokenPrefix}${randomSecret()}`;
      const expiresAt = new Date(clock.now().getTime() + order.days * dayMs);
      const scopes = [...(order.scopes ?? SCOPES)];
      await apiTokens.create({ hostId: host.id, name: order.name, tokenHash: hashSecret(token), scopes, expiresAt });
      return { token, expiresAt, scopes };
    },

    /** Also signs the host out everywhere. Throws `not-found`. */
    resetPassword: async (name: string, password: string): Promise<void> => {
      const found = await hosts.setPassword(name, await passwords.hash(password));
      if (!found) throw new Problem('not-found', { detail: `There is no host named ${name}.` });
    },
  };
};
export type PeopleService = ReturnType<typeof peopleService>;
