import { describe, expect, it } from 'vitest';
import { Problem } from '../problems.ts';
import { parseGatewayRequest, upstreamUrl } from './gateway-request.ts';

const origin = 'https://loggia.example';
const parse = (url: string, headers: { authorization?: string; origin?: string } = {}) =>
  parseGatewayRequest({ url, headers }, '/media/rtc', origin);

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
  return 'accepted';
};

// What livekit-client 2.23 sends from Chromium at a reconnect.
const browserQuery =
  'access_token=t&reconnect=1&sid=PA_abc&auto_subscribe=1&sdk=js&version=2.23.0&protocol=17&client_protocol=1' +
  '&os=Linux&os_version=x86_64&browser=Chrome&browser_version=156&device_model=Pixel&network=wifi&reconnect_reason=2';

describe('a request to the gateway', () => {
  it('keeps what LiveKit needs and forgets what describes the machine', () => {
    const { token, parameters } = parse(`/media/rtc?${browserQuery}`, { origin });
    expect(token).toBe('t');
    expect(Object.fromEntries(parameters)).toEqual({
      protocol: '17',
      client_protocol: '1',
      sdk: 'js',
      version: '2.23.0',
      auto_subscribe: '1',
      reconnect: '1',
      reconnect_reason: '2',
      sid: 'PA_abc',
    });
  });

  it('takes its token from the header or from the query, never from both, never twice', () => {
    expect(parse('/media/rtc', { authorization: 'Bearer t' }).token).toBe('t');
    expect(codeOf(() => parse('/media/rtc?access_token=t', { authorization: 'Bearer t' }))).toBe('media-refused');
    expect(codeOf(() => parse('/media/rtc'))).toBe('media-refused');
    expect(codeOf(() => parse('/media/rtc?access_token='))).toBe('media-refused');
    expect(codeOf(() => parse('/media/rtc?access_token=a&access_token=b'))).toBe('not-found');
    expect(codeOf(() => parse('/media/rtc', { authorization: 'Visit t' }))).toBe('media-refused');
  });

  it.each([
    'publish=x',
    'join_request=x',
    'attributes=e30',
    'metadata=x',
    'unheard_of=1',
    'sid=PA_1&sid=PA_2',
    'sid=%2F',
    'protocol=seventeen',
    'version=%0d%0a',
    '__proto__=1',
  ])('%s does not pass', (query) => {
    expect(codeOf(() => parse(`/media/rtc?access_token=t&${query}`))).toBe('not-found');
  });

  it.each(['/media/rtc/', '/media/%72tc', '/media//rtc', '/media/rtc/v1', '/MEDIA/rtc', '/media/rtc;x', ''])(
    'the path %s is another address',
    (path) => expect(codeOf(() => parse(`${path}?access_token=t`))).toBe('not-found'),
  );

  it('a page of another origin is refused, a program without one is not', () => {
    const headers = { origin: 'https://elsewhere.example' };
    expect(codeOf(() => parse('/media/rtc?access_token=t', headers))).toBe('media-refused');
    expect(codeOf(() => parse('/media/rtc?access_token=t', { origin: 'null' }))).toBe('media-refused');
    expect(codeOf(() => parse('/media/rtc?access_token=t'))).toBe('accepted');
  });

  it('goes on to exactly /rtc, below the path of an outside server', () => {
    const parameters = new URLSearchParams({ sdk: 'js' });
    expect(upstreamUrl('http://127.0.0.1:7880', parameters)).toBe('ws://127.0.0.1:7880/rtc?sdk=js');
    expect(upstreamUrl('https://lk.example/sfu/', parameters)).toBe('wss://lk.example/sfu/rtc?sdk=js');
  });
});
