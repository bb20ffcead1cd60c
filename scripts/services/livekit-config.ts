/* The configuration file of our own LiveKit, and which address of this machine it announces for the sound. */
import { networkInterfaces } from 'node:os';

export type LivekitSettings = {
  port: number;
  udpPort: number;
  /** Address announced to clients; defaults to this machine's own. */
  nodeIp: string;
  apiKey: string;
  apiSecret: string;
};

const virtual = /^(docker|br-|veth|virbr|cni|flannel|cali|tun|tap|wg|tailscale|utun|bridge|vmnet|lo)/;

/** IPv4 addresses of this machine's real network interfaces. */
const ownAddresses = (): string[] =>
  Object.entries(networkInterfaces())
    .filter(([name]) => !virtual.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);

/**
 * The address to announce when none is set. The machine's own one when it has any: browsers need about a second
 * longer to connect to 127.0.0.1.
 */
export const ownMediaAddress = (): string => ownAddresses()[0] ?? '127.0.0.1';

/** The local address to listen on: the announced one, unless that is a router's in front of us. */
const listenAddress = (nodeIp: string): string =>
  nodeIp.startsWith('127.') || ownAddresses().includes(nodeIp) ? nodeIp : ownMediaAddress();

/** LiveKit's YAML, written as JSON (which YAML contains). Unknown keys would stop its start. */
export const livekitConfig = ({ port, udpPort, nodeIp, apiKey, apiSecret }: LivekitSettings): string =>
  JSON.stringify(
    {
      port,
      bind_addresses: ['127.0.0.1'],
      keys: { [apiKey]: apiSecret },
      // At info LiveKit writes addresses and times of every participant; at warn, what is left is filtered again.
      logging: { level: 'warn', pion_level: 'error', json: true },
      rtc: {
        // Would listen on all interfaces whatever bind_addresses says.
        tcp_port: 0,
        udp_port: udpPort,
        node_ip: nodeIp,
        use_external_ip: false,
        enable_loopback_candidate: true,
        ips: { includes: [`${listenAddress(nodeIp)}/32`] },
        // Without an entry every browser would be sent to STUN servers of third parties. Ours need none: the
        // announced address is the one clients reach.
        stun_servers: [`${nodeIp}:3478`],
      },
      room: { auto_create: false, enabled_codecs: [{ mime: 'audio/opus' }, { mime: 'audio/red' }] },
    },
    null,
    2,
  );
