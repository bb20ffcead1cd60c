import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { livekitConfig } from './livekit-config.ts';
import { logFilter } from './livekit-log.ts';

const filtered = (...lines: string[]): string =>
  execFileSync('sed', ['-nE', logFilter()], { input: `${lines.join('\n')}\n`, encoding: 'utf8' }).trim();

it('of a listed message the log keeps time, level and text, and nothing that stands beside them', () => {
  const line =
    '{"level":"warn","ts":1795366941.24,"logger":"livekit","caller":"service/x.go:1","msg":"could not store room","participant":"secret-identity","ip":"192.0.2.7"}';
  expect(filtered(line)).toBe('1795366941.24 warn could not store room');
});

it('a message that is not listed leaves nothing, whatever else its line holds', () => {
  const forged =
    '{"level":"warn","ts":1,"logger":"livekit","caller":"a:1","msg":"could not join room","name":"\\"msg\\":\\"could not store room\\""}';
  expect(filtered(forged, '{"level":"info","ts":2,"msg":"participant active","ip":"192.0.2.7"}')).toBe('');
});

it('complaints about the configuration and traces of a crash are kept', () => {
  const lines = ['could not parse config: yaml: unmarshal errors:', '  line 7: field udp_portx not found', 'panic: oh'];
  expect(filtered(...lines)).toBe(lines.join('\n'));
});

it('LiveKit listens on this machine only, makes no rooms by itself and names no server of third parties', () => {
  const settings = { port: 1, udpPort: 2, nodeIp: '127.0.0.1', apiKey: 'key', apiSecret: 'secret' };
  expect(JSON.parse(livekitConfig(settings))).toMatchObject({
    bind_addresses: ['127.0.0.1'],
    keys: { key: 'secret' },
    logging: { level: 'warn', pion_level: 'error' },
    rtc: { tcp_port: 0, node_ip: '127.0.0.1', stun_servers: ['127.0.0.1:3478'], ips: { includes: ['127.0.0.1/32'] } },
    room: { auto_create: false, enabled_codecs: [{ mime: 'audio/opus' }, { mime: 'audio/red' }] },
  });
});
