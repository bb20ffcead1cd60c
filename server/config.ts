/*
 * The settings of one Loggia instance. Every value arrives as an environment variable, is parsed once by the schema
 * below and never read from the environment again. The launcher fills in what nobody has to choose (secrets, the
 * addresses of the parts it starts itself); whoever runs the server without the launcher sets those too.
 */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const projectRoot = resolve(import.meta.dirname, '..');

const text = (fallback = '') => z.string().max(500).default(fallback);
const number = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .default(fallback);
const port = (fallback: number) => number(fallback, 1, 65_535);
const folder = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((path) => resolve(projectRoot, path))
    .meta({ shown: fallback });
const secret = () => z.string({ error: 'is missing' }).min(32, 'must have at least 32 characters');
const address = (protocols: string[]) =>
  z.string({ error: 'is missing' }).refine((value) => protocols.includes(urlOf(value)?.protocol ?? ''), {
    error: `must be an address beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });
const urlOf = (value: string): URL | undefined => (URL.canParse(value) ? new URL(value) : undefined);

/**
 * Every setting, in the order in which `.env.example` shows them. `made` marks what the launcher fills in when it is
 * empty, `internal` what it alone gives to the server and nobody else sets.
 */
export const settings = z.object({
  HOST: text('127.0.0.1').describe('Address the web server listens on.'),
  PORT: number(7300, 0, 65_535).describe('Port of the web server.'),
  LISTEN_FD: number(0, 0, 1023)
    .meta({ internal: true })
    .describe('Descriptor of a socket that is bound already, to listen on instead of HOST and PORT; 0 is none.'),
  PUBLIC_URL: address(['http:', 'https:'])
    .optional()
    .describe('Address under which people reach this instance; http://localhost:PORT when empty.'),
  TRUST_PROXY: number(0, 0, 10).describe('How many reverse proxies stand in front of the web server.'),

  OPERATOR_NAME: text().describe('Who runs this instance; shown at the door.'),
  OPERATOR_CONTACT: text().describe('How to reach them (mail or web address); required on a public instance.'),
  INSTANCE_TITLE: text('Loggia').describe('Name of this instance and of its podcast feed.'),
  INSTANCE_LANGUAGE: text('en')
    .pipe(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as en or it-IT'))
    .describe('Language of the feed.'),
  INSTANCE_CATEGORY: text('Society & Culture').describe('Apple Podcasts category of the feed.'),
  INSTANCE_AUTHOR: text().describe('Author of the feed; OPERATOR_NAME or INSTANCE_TITLE when empty.'),

  DATA_DIR: folder('./data').describe('Database, secrets and logs.'),
  RECORDINGS_DIR: folder('./recordings').describe('Captured tracks and published files.'),
  RUNTIME_DIR: z
    .string()
    .max(70, 'must have at most 70 characters: socket paths are limited to 108')
    .optional()
    .describe('Unix sockets; a short path in the temporary folder when empty.'),

  DATABASE_URL: address(['postgres:', 'postgresql:'])
    .meta({ made: 'a Postgres of its own is started' })
    .describe('Postgres to use.'),
  POSTGRES_PORT: port(7432).describe('Port of our own Postgres, on 127.0.0.1.'),

  LIVEKIT_URL: address(['ws:', 'wss:', 'http:', 'https:'])
    .meta({ made: 'a LiveKit of its own is started' })
    .describe('LiveKit server to use (1.13.7 or later is recommended).'),
  LIVEKIT_API_KEY: z
    .string({ error: 'is missing' })
    .min(1, 'is missing')
    .meta({ made: 'generated' })
    .describe('Its API key.'),
  LIVEKIT_API_SECRET: secret().meta({ made: 'generated' }).describe('Its API secret.'),
  LIVEKIT_PORT: port(7880).describe('HTTP port of our own LiveKit, on 127.0.0.1.'),
  LIVEKIT_UDP_PORT: port(7882).describe('UDP port on which our own LiveKit carries the sound.'),
  MEDIA_ADDRESS: z
    .union([z.ipv4(), z.ipv6()], { error: 'must be an IP address' })
    .optional()
    .describe("IP address announced for the sound; the machine's own address when empty."),

  LIVEKIT_BIN: text().describe('Path of a livekit-server to use.'),
  FFMPEG_BIN: text('ffmpeg').meta({ made: 'the first capable one found' }).describe('Path of an ffmpeg to use.'),

  ADMISSION_SECRET: secret()
    .meta({ made: 'generated' })
    .describe('Key of the admission tags; LiveKit must not know it.'),

  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug'], { error: 'must be fatal, error, warn, info or debug' })
    .default('info')
    .describe('How much is logged.'),
  MAX_RECORDING_HOURS: number(6, 1, 24).describe('A recording stops by itself after so many hours.'),
  MAX_SESSION_HOURS: number(12, 1, 72).describe('A live session ends by itself after so many hours.'),
  EMPTY_STAGE_MINUTES: number(15, 1, 1440).describe('A live session ends after so many minutes without a speaker.'),

  TICKET_BURST: number(60, 1, 1_000_000).describe('Tickets one address may take at once.'),
  TICKET_PER_MINUTE: number(30, 1, 1_000_000).describe('Tickets one address may take per minute after that.'),
  TICKET_GLOBAL_PER_MINUTE: number(3000, 1, 10_000_000).describe('Tickets all addresses together may take per minute.'),
  VISIT_ACTS_PER_MINUTE: number(60, 1, 1_000_000).describe('Requests one visit may make per minute and at once.'),
  SOCKETS_PER_ADDRESS: number(200, 1, 1_000_000).describe('Event sockets one address may hold open.'),
  MEDIA_PER_ADDRESS: number(200, 1, 1_000_000).describe('Media connections one address may hold open.'),
  LISTENERS_PER_ROOM: number(1000, 1, 1_000_000).describe('Listeners one room may hold.'),
  SIGN_IN_PER_MINUTE: number(5, 1, 1_000_000).describe('Sign-in attempts one address may make per minute.'),
  STREAMS_PER_ADDRESS: number(4, 1, 1_000_000).describe('Downloads of recordings one address may run at once.'),
});

type Setting = keyof typeof settings.shape;
type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Name>;
type Parsed = z.output<typeof settings>;
type Settings = { [Name in Setting as Camel<Name>]: Parsed[Name] };

/** Who can reach the instance: this machine only, one network over plain http, or everybody over https. */
export type Profile = 'local' | 'lan' | 'public';

/** All settings, parsed, in camel case, with the derived ones filled in. `publicUrl` never ends with a slash. */
export type Config = Omit<Settings, 'publicUrl' | 'runtimeDir'> & {
  publicUrl: string;
  runtimeDir: string;
  profile: Profile;
};

/** Environment variables as `process.env` has them. */
export type Environment = Record<string, string | undefined>;

/** One message that lists every wrong setting; `faults` holds them singly. Secret values are never repeated. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`These settings are wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const privateHost =
  /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)(\.\d+)+$|^\[(f[cd]|fe80:)|\.(local|lan|home\.arpa|internal)$/;
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$|\.localhost$/;

/** The profile that follows from the public address: https is always public, plain http is local or one network. */
export const profileOf = (publicUrl: string): Profile => {
  const { protocol, hostname } = new URL(publicUrl);
  if (loopbackHost.test(hostname)) return 'local';
  return protocol === 'http:' && privateHost.test(hostname) ? 'lan' : 'public';
};

/** Rules that need more than one setting; they look at the raw values so that they are judged with all other faults. */
const faultsBetween = (env: Environment): string[] => {
  const publicUrl = urlOf(env['PUBLIC_URL'] ?? '');
  if (!publicUrl || profileOf(publicUrl.href) !== 'public') return [];
  return [
    publicUrl.protocol === 'http:' && 'PUBLIC_URL must begin with https:// : browsers give no microphone without it',
    !env['OPERATOR_CONTACT'] && 'OPERATOR_CONTACT is missing: a public instance must say whom to write to',
  ].filter((fault) => fault !== false);
};

/**
 * Parses the settings. Empty values count as not set. Relative folders are taken from the project's root.
 * Throws one ConfigError with all faults.
 */
export const loadConfig = (environment: Environment = process.env): Config => {
  const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const parsed = settings.safeParse(env);
  const faults = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}`),
    ...faultsBetween(env),
  ];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  const values = parsed.data;
  const publicUrl = (values.PUBLIC_URL ?? `http://localhost:${values.PORT}`).replace(/\/+$/, '');
  const named = Object.fromEntries(Object.entries(values).map(([name, value]) => [camelCase(name), value])) as Settings;
  return {
    ...named,
    publicUrl,
    runtimeDir: values.RUNTIME_DIR ?? defaultRuntimeDir(values.DATA_DIR),
    profile: profileOf(publicUrl),
  };
};

/** A short folder for unix sockets (their paths end at 108 bytes), one per user and data folder. */
export const defaultRuntimeDir = (dataDir: string): string => {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 10);
  return join(tmpdir(), `loggia-${process.getuid?.() ?? 0}-${hash}`);
};
