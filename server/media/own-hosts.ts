import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

const privateAddress = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]|fe80:|::1$)/i;

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));

/**
 * Tells hosts of this instance from foreign ones: the names given here and what lies below them, this machine's own
 * addresses, and addresses of private networks. LiveKit without STUN of its own names public servers to every browser.
 */
export const ownHosts = (names: readonly string[]): ((host: string) => boolean) => {
  const known = new Set([...names, ...ownAddresses()].map((name) => name.replace(/^\[|\]$/g, '').toLowerCase()));
  const domains = [...known].filter((name) => isIP(name) === 0);
  return (host) => {
    const name = host.toLowerCase();
    if (known.has(name)) return true;
    return isIP(name) === 0 ? domains.some((domain) => name.endsWith(`.${domain}`)) : privateAddress.test(name);
  };
};
