import { hash, verify } from '@node-rs/argon2';
import { Problem } from '../problems.ts';

// OWASP's parameters for argon2id (the library's default algorithm): 19 MiB, two passes, one lane.
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const atOnce = 2;
const queueLength = 10;

/**
 * Hashes and checks passwords, two at a time: each costs 19 MiB and some 30 ms of a core. Ten more may wait;
 * beyond that the answer is `overloaded`, so that a flood of sign-ins cannot starve the rooms.
 */
export const passwordHasher = () => {
  const waiting: (() => void)[] = [];
  let running = 0;
  let decoy: Promise<string> | undefined;

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running += 1;
    else if (waiting.length < queueLength) await new Promise<void>((resolve) => waiting.push(resolve));
    else throw new Problem('overloaded');
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };

  return {
    hash: (password: string): Promise<string> => inTurn(() => hash(password, parameters)),
    /** Without a stored hash it takes as long as with one: the time must not tell which names exist. */
    verify: (stored: string | undefined, password: string): Promise<boolean> =>
      inTurn(async () => {
        decoy ??= hash('nobody has this password', parameters);
        const matches = await verify(stored ?? (await decoy), password);
        return matches && stored !== undefined;
      }),
  };
};
export type PasswordHasher = ReturnType<typeof passwordHasher>;
