/*
 * The web server's socket, kept by the launcher. A bound socket belongs to whoever holds a descriptor of it: the server
 * gets one and listens; when it dies, the launcher's keeps the socket alive, and whoever connects meanwhile waits in its
 * queue for the next server instead of being refused. Speakers' clients resume instead of starting over, which would
 * cost them seconds of their voice. The launcher itself never accepts.
 */
import net from 'node:net';

export type FrontDoor = { fd: number; close: () => void };

type TcpHandle = { fd: number; close: () => void };
/** What Node's own cluster module uses to share a port: binds, does not listen. A number is an error. */
type Bind = (address: string, port: number, family: 4 | 6) => TcpHandle | number;

/** Binds `host` and `port`; undefined where that cannot be kept (a host name, a platform without descriptors). */
export const openFrontDoor = (host: string, port: number): FrontDoor | undefined => {
  const family = net.isIP(host);
  const bind = (net as unknown as { _createServerHandle?: Bind })._createServerHandle;
  if (!bind || (family !== 4 && family !== 6)) return undefined;
  const handle = bind(host, port, family);
  if (typeof handle === 'number') return undefined;
  if (!(handle.fd >= 0)) {
    handle.close();
    return undefined;
  }
  return { fd: handle.fd, close: () => handle.close() };
};
