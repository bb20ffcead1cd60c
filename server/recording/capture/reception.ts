/** What a track's receiver counts, asked of rtc-node's native side: its own classes have no word for it. */
import type { RemoteTrack } from '@livekit/rtc-node';
import type { Reception } from './loss.ts';

const LOOK_MS = 200;
const ANSWER_MS = 1_000;

type InboundRtp = {
  received?: { packetsReceived?: bigint; packetsLost?: bigint };
  inbound?: { concealedSamples?: bigint };
};
type StatsEvent = {
  message: {
    case?: string;
    value?: { asyncId?: bigint; stats?: { stats: { case?: string; value?: InboundRtp } }[] };
  };
};
/** The one client of the native side, global by rtc-node's own making. */
type NativeClient = {
  request: (request: unknown) => { asyncId?: bigint };
  waitFor: (
    isIt: (event: StatsEvent) => boolean,
    options: { signal: AbortSignal },
  ) => Promise<StatsEvent['message']['value']>;
};

const countsOf = async (track: RemoteTrack): Promise<Omit<Reception, 'muted'> | undefined> => {
  const client = (globalThis as { _ffiClientInstance?: NativeClient })._ffiClientInstance!;
  const value = { trackHandle: track.ffi_handle.handle };
  const { asyncId } = client.request({ message: { case: 'getStats', value } });
  const isIt = ({ message }: StatsEvent): boolean => message.case === 'getStats' && message.value?.asyncId === asyncId;
  const answer = await client.waitFor(isIt, { signal: AbortSignal.timeout(ANSWER_MS) });
  const inbound = answer?.stats?.find(({ stats }) => stats.case === 'inboundRtp')?.stats.value;
  if (!inbound) return undefined;
  const { packetsReceived = 0n, packetsLost = 0n } = inbound.received ?? {};
  return {
    packets: Number(packetsReceived),
    packetsLost: Number(packetsLost),
    concealedSamples: Number(inbound.inbound?.concealedSamples ?? 0n),
  };
};

/** Looks five times a second until it is stopped; a look that fails (the track is going) tells nothing. */
export const watchReception = (
  track: RemoteTrack,
  onCounts: (counts: Omit<Reception, 'muted'>) => void,
): { stop: () => void } => {
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const counts = await countsOf(track).catch(() => undefined);
    looking = false;
    if (counts) onCounts(counts);
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return { stop: () => clearInterval(timer) };
};
