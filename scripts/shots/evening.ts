/* One evening with everything in it, as the API would tell it: what the pictures of the screens are made of. */
import type { EpisodeView } from '../../server/publication/episode.schema.ts';
import type { MasterView, RecordingView, TakeView } from '../../server/recording/recording.schema.ts';
import type { RoomCard, RoomView, SpeakLinkView } from '../../server/room/room.schema.ts';
import type { Ticket, TicketRole } from '../../server/room/ticket.schema.ts';
import type { SeatView, StageView } from '../../server/stage/stage.schema.ts';

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

export const origin = 'http://127.0.0.1';

export const instance = {
  title: 'Loggia',
  language: 'en',
  operatorName: 'Circolo Aurora, Livorno',
  operatorContact: 'casa@aurora.example',
  hostIsOperator: true,
  needsSetUp: false,
};

const policy = { anonymousListening: true, recordingArmed: true, listed: true, publishNumber: true };
const topic = 'Two dockers, a historian and a singer on a hundred years of Livorno.';

const card = (
  slug: string,
  title: string,
  speakers: string[],
  over: Partial<RoomCard['live'] & object> = {},
): RoomCard => ({
  slug,
  title,
  topic,
  hostName: speakers[0] ?? 'Marta Bellini',
  policy,
  live: { startedAt: minutesAgo(40), listeners: { atLeast: 50 }, speakers, recording: false, ...over },
  lastEpisodeSlug: 'lamplighters',
});

const stagePeople = ['Marta Bellini', 'Tommaso Rega', 'Eleanor Whitcombe', 'Idris Okafor', 'Giulia Sanna'];
export const title = 'What the harbour remembers: ships, strikes and songs';

export const rooms: RoomCard[] = [
  card('harbour', title, stagePeople, { recording: true }),
  {
    ...card('calvino', 'Reading Calvino aloud, slowly', ['Eleanor Whitcombe', 'Hugh Marsden'], {
      listeners: { atLeast: 0 },
    }),
    policy: { ...policy, recordingArmed: false },
  },
  card('bar', 'Bar Sport: la giornata', ['Pietro Galli', 'Lia Monti', 'Anna Neri', 'Rocco Leoni'], {
    listeners: { atLeast: 100 },
  }),
];

export const closedRoom: RoomCard = { ...rooms[0]!, slug: 'closed', live: null };
export const namedRoom: RoomCard = { ...rooms[0]!, slug: 'named', policy: { ...policy, anonymousListening: false } };

export const hostRooms: RoomView[] = [
  {
    id: crypto.randomUUID(),
    slug: 'harbour',
    title,
    topic,
    policy,
    url: `${origin}/r/harbour`,
    feedUrl: `${origin}/r/harbour/feed.xml`,
    createdAt: minutesAgo(9000),
    liveSession: { id: 'evening', startedAt: minutesAgo(40) },
  },
  {
    id: crypto.randomUUID(),
    slug: 'lamps',
    title: 'Lamps and what they show',
    topic: '',
    policy: { ...policy, recordingArmed: false },
    url: `${origin}/r/lamps`,
    feedUrl: `${origin}/r/lamps/feed.xml`,
    createdAt: minutesAgo(90_000),
    liveSession: null,
  },
];

const seat = (name: string, over: Partial<SeatView> = {}): SeatView => {
  const seatId = name.split(' ')[0]!.toLowerCase();
  return {
    seatId,
    identity: `s_${seatId}`,
    name,
    role: 'speaker',
    state: 'joined',
    muted: false,
    mutedByModerator: false,
    recorded: true,
    ...over,
  };
};

export const seats: SeatView[] = [
  seat('Marta Bellini', { role: 'host' }),
  seat('Tommaso Rega', { muted: true }),
  seat('Eleanor Whitcombe'),
  seat('Idris Okafor', { muted: true }),
  seat('Giulia Sanna', { recorded: false }),
];

export const view = (moderator: boolean, over: Partial<StageView> = {}): StageView => ({
  roomSlug: 'harbour',
  title,
  topic,
  liveSessionId: 'evening',
  startedAt: minutesAgo(40),
  recordingArmed: true,
  seats,
  hands: moderator
    ? [
        { handId: 'h1', name: 'Amber Finch', anonymous: true, state: 'raised', raisedAt: minutesAgo(4) },
        { handId: 'h2', name: 'Chiara Vannucci', anonymous: false, state: 'raised', raisedAt: minutesAgo(2) },
        { handId: 'h3', name: 'Grey Heron', anonymous: true, state: 'invited', raisedAt: minutesAgo(0) },
      ]
    : [],
  listeners: { atLeast: 50 },
  booksBalance: moderator ? true : null,
  recording: { state: 'on', recordingId: 'r1', takeOrdinal: 1, since: minutesAgo(24.17), paused: false, trouble: null },
  ...over,
});

export const ticket = (role: TicketRole, seatId: string | null): Ticket => ({
  role,
  liveSessionId: 'evening',
  identity: seatId ? `s_${seatId}` : 'unseen',
  seatId,
  displayName: seats.find((one) => one.seatId === seatId)?.name ?? null,
  mediaUrl: 'ws://127.0.0.1:9/media',
  mediaToken: 'none',
  socketUrl: 'ws://127.0.0.1:9/events',
  socketTicket: 'none',
  visitSecret: 'none',
  mayPublish: true,
  consentNeeded: false,
  receiptUrl: null,
});

export const speakLinks: SpeakLinkView[] = [
  {
    id: crypto.randomUUID(),
    label: 'Idris',
    state: 'used',
    createdAt: minutesAgo(90),
    expiresAt: minutesAgo(-900),
    usedAt: minutesAgo(30),
  },
  {
    id: crypto.randomUUID(),
    label: 'Chiara',
    state: 'open',
    createdAt: minutesAgo(20),
    expiresAt: minutesAgo(-900),
    usedAt: null,
  },
];

const track = (speaker: string, published = true) => ({
  speaker,
  file: `${speaker}.flac`,
  offsetMs: 0,
  durationMs: 2_530_000,
  published,
});
const consent = (speaker: string) => ({
  speaker,
  published: true,
  wording: 'May we record your voice? The host may also publish my voice in an episode.',
  language: 'en',
  atMs: 0,
});
const mark = (at: string, label: string) => {
  const [minutes, seconds] = at.split(':').map(Number);
  return { id: `${at} ${label}`, atMs: (minutes! * 60 + seconds!) * 1000, label };
};
const take = (ordinal: number, from: number, to: number, over: Partial<TakeView> = {}): TakeView => ({
  id: `take${ordinal}`,
  ordinal,
  name: null,
  stopReason: 'paused',
  state: 'closed',
  startedAt: minutesAgo(from),
  stoppedAt: minutesAgo(to),
  durationMs: (from - to) * 60_000,
  gaps: [],
  tracks: [track('Marta Bellini'), track('Tommaso Rega'), track('Eleanor Whitcombe'), track('Idris Okafor', false)],
  marks: [],
  consents: [],
  problem: null,
  ...over,
});
const takes = [
  take(1, 118, 76, {
    name: 'The shipyard, the strike',
    marks: [mark('9:15', 'Cut this: the phone rang'), mark('17:40', 'Good part starts'), mark('40:02', 'Cut this')],
    consents: ['Marta Bellini', 'Tommaso Rega', 'Eleanor Whitcombe'].map(consent),
  }),
  take(2, 69, 30.2, { marks: [mark('24:02', 'Song, second verse')] }),
  take(3, 23, 6, { stopReason: 'stopped', gaps: [{ fromMs: 723_000, toMs: 724_200, reason: 'captureLost' }] }),
];

const master = (over: Partial<MasterView> = {}): MasterView => ({
  id: crypto.randomUUID(),
  kind: 'whole',
  title: null,
  preset: 'speech',
  cut: [],
  state: 'rendering',
  step: 'master',
  percent: 58,
  etaMs: 100_000,
  durationMs: null,
  loudnessLufs: null,
  truePeakDbtp: null,
  renditions: [],
  quality: null,
  queuedAt: minutesAgo(2),
  readyAt: null,
  problem: null,
  ...over,
});
const rendition = (kind: 'mp3' | 'm4a' | 'opus', mediaType: string, bytes: number) => ({
  kind,
  mediaType,
  url: `${origin}/audio/${kind}`,
  file: `episode.${kind}`,
  bytes,
  durationMs: 0,
  sha256: kind,
});
const voice = (speaker: string, loudnessLufs: number, warnings: string[] = []) => ({
  speaker,
  loudnessLufs,
  gainDb: -20 - loudnessLufs,
  warnings,
});
const finished = (over: Partial<MasterView> = {}): MasterView =>
  master({
    state: 'ready',
    step: 'ready',
    percent: 100,
    etaMs: null,
    durationMs: 5_868_000,
    loudnessLufs: -16.1,
    truePeakDbtp: -3.2,
    renditions: [
      rendition('mp3', 'audio/mpeg', 70_400_000),
      rendition('m4a', 'audio/mp4', 71_200_000),
      rendition('opus', 'audio/ogg', 35_600_000),
    ],
    quality: {
      voices: [voice('Marta Bellini', -23.4), voice('Tommaso Rega', -26), voice('Eleanor Whitcombe', -44.1, ['noisy'])],
      files: [],
      warnings: [],
    },
    readyAt: minutesAgo(1),
    ...over,
  });
const clip = finished({
  kind: 'clip',
  durationMs: 30_000,
  renditions: [rendition('mp3', 'audio/mpeg', 360_000)],
  quality: null,
});

const replay: RecordingView['replay'] = {
  state: 'ready',
  url: `${origin}/replay.mp3`,
  durationMs: 5_868_000,
  gainDb: 6,
  takes: [
    { takeId: 'take1', fromMs: 0 },
    { takeId: 'take2', fromMs: 2_520_000 },
    { takeId: 'take3', fromMs: 4_848_000 },
  ],
};

/** A moment after the last take has stopped. */
export const recording = (over: Partial<RecordingView> = {}): RecordingView => ({
  id: 'r1',
  roomSlug: 'harbour',
  roomTitle: title,
  liveSessionId: 'evening',
  name: null,
  state: 'closed',
  paused: false,
  createdAt: minutesAgo(120),
  takes,
  master: master(),
  masters: [clip],
  replay,
  space: null,
  episodes: [],
  ...over,
});

/** With everything a host makes of it afterwards. */
export const readyRecording = (over: Partial<RecordingView> = {}): RecordingView => ({
  ...recording(),
  id: 'r2',
  name: 'What the harbour remembers',
  replay: { ...replay, state: 'master', gainDb: 0 },
  master: finished(),
  masters: [
    master({ kind: 'cut', title: 'Songs', cut: [{ takeId: 'take2', fromMs: 0, toMs: 840_000 }], step: 'encode' }),
    master({
      kind: 'cut',
      title: 'The shipyard, the strike',
      state: 'failed',
      problem: {
        type: 'urn:loggia:problem:ffmpeg-failed',
        title: 'ffmpeg could not finish the recording.',
        status: 500,
        code: 'ffmpeg-failed',
      },
    }),
    clip,
  ],
  ...over,
});

/** While it runs, as the host's bar reads it. */
export const runningRecording = (over: Partial<RecordingView> = {}): RecordingView => ({
  ...recording(),
  state: 'open',
  takes: [
    take(1, 24.17, 0, {
      state: 'capturing',
      durationMs: null,
      stoppedAt: null,
      stopReason: null,
      marks: [mark('9:15', 'Cut this: the phone rang'), mark('17:40', 'Good part starts')],
    }),
  ],
  master: null,
  masters: [],
  replay: { ...replay, state: 'none', takes: [] },
  space: { freeBytes: 41_000_000_000, minutesLeft: 700 },
  ...over,
});

const episode = (slug: string, name: string, minutes: number, daysAgo: number): EpisodeView => ({
  slug,
  guid: slug,
  roomSlug: 'harbour',
  roomTitle: title,
  recordingId: 'r1',
  title: name,
  description:
    'Before the gas came, a man with a ladder went from lamp to lamp and knew every household by its hours.\n\nA conversation about streets, light, and what a dark street is for.',
  language: 'en',
  explicit: false,
  state: 'published',
  speakers: ['Eleanor Whitcombe', 'Sara Lombardi', 'Hugh Marsden'],
  url: `${origin}/e/${slug}`,
  feedUrl: `${origin}/r/harbour/feed.xml`,
  coverUrl: `/covers/${slug}.svg`,
  peaksUrl: '/peaks/lamplighters.json',
  durationMs: minutes * 60_000 + 5000,
  publishedAt: minutesAgo(daysAgo * 1440),
  renditions: [{ type: 'audio/mpeg', url: `/audio/${slug}.mp3`, bytes: 33_400_000, durationMs: minutes * 60_000 }],
});

export const episodes: EpisodeView[] = [
  episode('lamplighters', 'The lamplighters of Trieste', 48, 3),
  episode('calvino', 'Reading Calvino aloud, slowly', 72, 7),
  episode('pane', 'Pane, burro e alici', 36, 10),
  episode('party', 'How to leave a party', 52, 14),
];

/** Phrases and pauses, so that the waveform looks like speech. */
export const peaks = {
  version: 1,
  lengthMs: 2_885_000,
  peaks: Array.from({ length: 1400 }, (_, index) => {
    const phrase = 0.25 + 0.75 * Math.abs(Math.sin(index / 41) * Math.sin(index / 9.7));
    const reach = Math.round(110 * phrase * (0.55 + 0.45 * Math.abs(Math.sin(index * 12.9898))));
    return [-reach, reach];
  }).flat(),
};
