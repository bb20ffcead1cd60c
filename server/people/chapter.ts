/**
 * People: only hosts have accounts. Listeners and speakers are known by what they hold (a ticket, a link) and by
 * nothing else; they get no cookie and leave no row.
 */
import { rm } from 'node:fs/promises';
import type { Config } from '../config.ts';
import type { Chapter } from '../platform/chapter.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import { apiTokensStore } from './api-tokens.store.ts';
import { hostsStore } from './hosts.store.ts';
import { loginCookie } from './login-cookie.ts';
import { loginsStore } from './logins.store.ts';
import { passwordHasher } from './password.ts';
import { hostRoutes, instanceRoutes, loginRoutes } from './people.routes.ts';
import { peopleService } from './people.service.ts';
import { setupLinkFile } from './setup.ts';

type Deps = { config: Config; database: Database; clock: Clock };

export const peopleChapter = ({ config, database, clock }: Deps) => {
  const hosts = hostsStore(database);
  const cookie = loginCookie(config.publicUrl);
  const people = peopleService({
    hosts,
    logins: loginsStore(database),
    apiTokens: apiTokensStore(database),
    passwords: passwordHasher(),
    clock,
    onSetUp: () => rm(setupLinkFile(config), { force: true }),
  });
  return {
    hosts,
    people,
    cookie,
    publicRoutes: instanceRoutes(config, hosts),
    manageRoutes: loginRoutes(config, people, cookie),
    hostRoutes,
  } satisfies Chapter & Record<string, unknown>;
};
