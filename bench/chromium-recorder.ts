/** A Chromium without a window that joins a room and records every voice with a MediaRecorder: how others do it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { services } from '../test/support/services.ts';
import { until } from '../test/support/wait.ts';

const CLIENT = fileURLToPath(new URL('../node_modules/livekit-client/dist/livekit-client.umd.js', import.meta.url));

/** Tells after each second of sound how many bytes a voice has become. */
const pageOf = (order: object): string => `<!doctype html><script src="/client.js"></script><script>
const { url, token } = ${JSON.stringify(order)};
const room = new LivekitClient.Room({ singlePeerConnection: false });
room.on('trackSubscribed', (track, publication, participant) => {
  document.body.append(track.attach());
  const recorder = new MediaRecorder(new MediaStream([track.mediaStreamTrack]), { mimeType: 'audio/webm;codecs=opus' });
  let bytes = 0;
  recorder.ondataavailable = ({ data }) => {
    bytes += data.size;
    fetch('/recorded?who=' + participant.identity + '&bytes=' + bytes, { method: 'POST' });
  };
  recorder.start(1000);
});
room.connect(url, token);
</script>`;

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio'],
  ...['--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'],
  ...['--disable-background-timer-throttling', '--disable-renderer-backgrounding'],
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export type ChromiumRecorder = { pid: number; stop: () => Promise<void> };

const servePage = async (order: object, recorded: Map<string, number>) => {
  const client = await readFile(CLIENT);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/recorded') recorded.set(searchParams.get('who') ?? '', Number(searchParams.get('bytes')));
    const isClient = pathname === '/client.js';
    response.setHeader('content-type', isClient ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(isClient ? client : pageOf(order));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
};

/** Resolves when `speakers` voices are being recorded, and grow. */
export const startChromiumRecorder = async (
  order: { url: string; token: string },
  speakers: number,
): Promise<ChromiumRecorder> => {
  const recorded = new Map<string, number>();
  const { server, url } = await servePage(order, recorded);
  const profile = await mkdtemp(join(tmpdir(), 'loggia-chromium-'));
  const args = [...FLAGS, `--user-data-dir=${profile}`, url];
  const child = spawn(services().chromiumBin, args, { stdio: 'ignore', detached: true });
  const stop = async (): Promise<void> => {
    const gone = once(child, 'exit');
    process.kill(-child.pid!, 'SIGKILL');
    await gone;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  const growing = () => [...recorded.values()].filter((bytes) => bytes > 2_000).length >= speakers;
  await until(growing, { timeoutMs: 30_000, what: 'Chromium records everybody' }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { pid: child.pid!, stop };
};
