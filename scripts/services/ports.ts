/* Ports: looking for free ones, and saying whose is taken before a part fails over it with a message of its own. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** A part that wants a port, with the setting by which its operator can change it. */
export type PortClaim = { part: string; port: number; setting: string; host?: string; protocol?: 'tcp' | 'udp' };

const bindTcp = (port: number, host: string): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : port));
    });
  });

const bindUdp = (port: number, host: string): Promise<number> =>
  new Promise((done, fail) => {
    const socket = createSocket('udp4');
    socket.once('error', fail);
    socket.bind({ port, address: host, exclusive: true }, () => {
      const bound = socket.address().port;
      socket.close(() => done(bound));
    });
  });

/** A TCP port of `host` that is free at this moment. */
export const freePort = (host = '127.0.0.1'): Promise<number> => bindTcp(0, host);

/** A UDP port that is free at this moment on all addresses. */
export const freeUdpPort = (): Promise<number> => bindUdp(0, '0.0.0.0');

/** Undefined when the port can be had, otherwise one sentence that names part, port and setting. */
export const portFault = async (claim: PortClaim): Promise<string | undefined> => {
  const { part, port, setting, host = '127.0.0.1', protocol = 'tcp' } = claim;
  try {
    await (protocol === 'udp' ? bindUdp(port, host) : bindTcp(port, host));
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      return `${part} cannot have ${protocol} port ${port}: another program uses it. Set ${setting} to a free port.`;
    }
    return `${part} cannot listen on ${host}, ${protocol} port ${port} (${code}). Set ${setting} to another.`;
  }
};

/** Throws one error that names every claim that cannot be met. */
export const assertPortsFree = async (claims: PortClaim[]): Promise<void> => {
  const faults = (await Promise.all(claims.map(portFault))).filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new Error(faults.join('\n'));
};
