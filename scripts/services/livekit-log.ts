/*
 * What of LiveKit's log reaches the disk: time, level and text of the messages listed here, and nothing that stands
 * beside them (identities, addresses). A `sed` of its own does the filtering: it outlives a killed launcher, as
 * LiveKit does, whereas a closed pipe would end LiveKit at its next line.
 */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Messages about the server itself; those about one participant are left out. */
const messages = [
  'could not start server',
  'could not update node stats',
  'could not update node',
  'could not unregister node',
  'status update delayed, possible deadlock',
  'could not create room',
  'could not store room',
  'could not delete room',
  'could not create TURN password',
  'error handling request',
  'tls only enabled but no turn tls config',
  'exit requested, shutting down',
];

/** Lines that are not JSON: complaints about the configuration or a port, and the trace of a crash. */
const plainLines = ['could not ', 'listen ', 'yaml: ', '  line [0-9]', 'panic: ', 'fatal error: ', 'goroutine ', '\t/'];

/** The script for `sed -nE`. */
export const logFilter = (): string => {
  const escaped = messages.map((message) => message.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|');
  const json = `s/^\\{"level":"(warn|error|info)","ts":([0-9.]+),("logger":"[^"]*",)?("caller":"[^"]*",)?"msg":"(${escaped})".*$/\\2 \\1 \\5/p`;
  return `${json}\n/^(${plainLines.map((start) => start.replace('/', '\\/')).join('|')})/p`;
};

/** Starts the filter in a session of its own; give its input to LiveKit as output, then destroy our copy. */
export const startLogFilter = (logFd: number): Writable => {
  const unbuffered = process.platform === 'darwin' ? '-l' : '-u';
  const args = [unbuffered, '-nE', logFilter()];
  const child = spawn('sed', args, { detached: true, stdio: ['pipe', logFd, 'ignore'] });
  child.unref();
  child.on('error', () => {}); // Without a sed LiveKit's log is lost, not its service.
  if (!child.stdin) throw new Error('sed, which filters the log of LiveKit, got no input');
  return child.stdin;
};
