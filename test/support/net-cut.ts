/**
 * A speaker whose network can be cut. Where we are root the bot lives in a network namespace of its own, tied to this
 * machine by a pair of virtual cards; a cut sends the frames of both cards to an address that nobody has, so that every
 * packet is lost without a word to either side, sound and signalling alike. Elsewhere a cut stops the bot's process,
 * which is silent just as suddenly. Never is anything muted or unpublished.
 */
import { execFile, execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import { ownMediaAddress } from '../../scripts/services/livekit-config.ts';
import { isRoot, onPath } from '../../scripts/toolchain/system.ts';
import type { Bot, BotOrder } from './bot.ts';
import { startBot } from './bot.ts';

export type Cutter = {
  /** How a cut is made. */
  how: 'namespace' | 'stop';
  /** No packet passes from when this resolves. */
  cut: () => Promise<void>;
  heal: () => Promise<void>;
  /** After the bot has left: takes its network away. Safe more than once. */
  dispose: () => Promise<void>;
};

export type CuttableBot = Bot &
  Cutter & {
    /** Another process of the same participant on the same network, as a person comes back whom the room let go. */
    comeBack: () => Promise<Bot>;
  };

const NOBODY = '02:00:00:00:00:00';
const OURS = '02:00:00:00:00:01';
const THEIRS = '02:00:00:00:00:02';

const ip = async (...args: string[]): Promise<void> => void (await promisify(execFile)('ip', args));

/** Whether this user may make network namespaces, and LiveKit's sound has an address that can be reached from one. */
export const canCutNetworks = (): boolean =>
  process.platform === 'linux' && isRoot() && onPath('ip') !== undefined && !ownMediaAddress().startsWith('127.');

/** Namespaces outlive processes: what a failed test leaves open goes with its process. */
const leftOpen = new Set<string>();
process.once('exit', () => leftOpen.forEach((name) => execFileSync('ip', ['netns', 'del', name])));

type Namespace = Cutter & { name: string; hostAddress: string };

const openNamespace = async (): Promise<Namespace> => {
  const id = randomInt(2 ** 24).toString(16);
  const [name, card] = [`loggia-${id}`, `veth${id}`];
  // A pair of addresses out of the range for benchmarks (RFC 2544), which is routed nowhere.
  const net = `198.${randomInt(18, 20)}.${randomInt(256)}`;
  const block = randomInt(64) * 4;
  const [hostAddress, botAddress] = [`${net}.${block + 1}`, `${net}.${block + 2}`];
  const point = async (theirs: string, ours: string): Promise<void> => {
    const entry = ['neigh', 'replace'];
    await Promise.all([
      ip(...entry, botAddress, 'lladdr', theirs, 'dev', card, 'nud', 'permanent'),
      ip('-n', name, ...entry, hostAddress, 'lladdr', ours, 'dev', 'eth0', 'nud', 'permanent'),
    ]);
  };
  const dispose = async (): Promise<void> => {
    if (!leftOpen.delete(name)) return;
    await ip('link', 'del', card).catch(() => {});
    await ip('netns', 'del', name);
  };
  await ip('netns', 'add', name);
  leftOpen.add(name);
  try {
    const peer = ['peer', 'name', 'eth0', 'address', THEIRS, 'netns', name];
    await ip('link', 'add', card, 'address', OURS, 'type', 'veth', ...peer);
    await ip('addr', 'add', `${hostAddress}/30`, 'dev', card);
    await ip('link', 'set', card, 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    await ip('-n', name, 'addr', 'add', `${botAddress}/30`, 'dev', 'eth0');
    await ip('-n', name, 'link', 'set', 'eth0', 'up');
    await ip('-n', name, 'route', 'add', 'default', 'via', hostAddress);
    await point(THEIRS, OURS);
  } catch (error) {
    await dispose();
    throw error;
  }
  const [cut, heal] = [() => point(NOBODY, NOBODY), () => point(THEIRS, OURS)];
  return { how: 'namespace', name, hostAddress, cut, heal, dispose };
};

/** Lets the namespace reach what listens on this machine's loopback: signalling goes through here, and is cut with it. */
const relay = async (hostAddress: string, to: URL): Promise<{ url: string; close: () => void }> => {
  const sockets = new Set<Socket>();
  const join = (from: Socket, onto: Socket): void => {
    sockets.add(from);
    from.pipe(onto);
    from.on('error', () => onto.destroy());
    from.on('close', () => {
      onto.destroy();
      sockets.delete(from);
    });
  };
  const server = createServer((client) => {
    const upstream = createConnection(Number(to.port), to.hostname);
    join(client, upstream);
    join(upstream, client);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, hostAddress, resolve);
  await promise;
  const url = new URL(to);
  url.host = `${hostAddress}:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
  return { url: url.href.replace(/\/$/, ''), close };
};

const startInNamespace = async (order: BotOrder): Promise<CuttableBot> => {
  const { name, hostAddress, ...cutter } = await openNamespace();
  const way = await relay(hostAddress, new URL(order.mediaUrl));
  const dispose = async (): Promise<void> => {
    way.close();
    await cutter.dispose();
  };
  try {
    const enter = (): Promise<Bot> => startBot({ ...order, mediaUrl: way.url, inside: ['ip', 'netns', 'exec', name] });
    return { ...(await enter()), ...cutter, comeBack: enter, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
};

const startStoppable = async (order: BotOrder): Promise<CuttableBot> => {
  const bot = await startBot(order);
  const send = (signal: NodeJS.Signals) => async (): Promise<void> => void process.kill(bot.pid, signal);
  const cutter = { how: 'stop', cut: send('SIGSTOP'), heal: send('SIGCONT'), dispose: async () => {} } as const;
  return { ...bot, ...cutter, comeBack: () => startBot(order) };
};

/**
 * Starts a bot, as `startBot` does, whose network can be cut and healed again. Its `mediaUrl` has to name a port. After
 * `leave()` call `dispose()`.
 */
export const startCuttableBot = (order: BotOrder): Promise<CuttableBot> =>
  canCutNetworks() ? startInNamespace(order) : startStoppable(order);
