/** A bot's ear: counts and measures what each subscribed track delivers. */
import type { RemoteAudioTrack } from '@livekit/rtc-node';
import { AudioStream } from '@livekit/rtc-node';
import type { Heard } from './bot-protocol.ts';
import { SAMPLE_RATE, dominantHz, levelDbfs } from './sound.ts';

const FRAME_MS = 20;

type Listening = { identity: string; firstAtMs: number; samples: number; lastSecond: Int16Array };

const remember = (listening: Listening, data: Int16Array): void => {
  listening.lastSecond.copyWithin(0, data.length);
  listening.lastSecond.set(data, listening.lastSecond.length - data.length);
  listening.samples += data.length;
};

/** Length in seconds of the union of stretches, each from its first frame for as many frames as came. */
const unionSeconds = (tracks: Listening[]): number => {
  const spans = tracks.map(
    ({ firstAtMs, samples }) => [firstAtMs, firstAtMs + (samples * 1000) / SAMPLE_RATE] as const,
  );
  let total = 0;
  let reached = -Infinity;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    total += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return total / 1000;
};

/** `sinceMs` is when connect was called, on the clock of `performance.now()`. */
export const ear = (sinceMs: number, onFirstAudio: (ms: number) => void) => {
  const tracks: Listening[] = [];

  const listen = async (identity: string, track: RemoteAudioTrack): Promise<void> => {
    const stream = new AudioStream(track, { sampleRate: SAMPLE_RATE, numChannels: 1, frameSizeMs: FRAME_MS });
    const listening: Listening = { identity, firstAtMs: 0, samples: 0, lastSecond: new Int16Array(SAMPLE_RATE) };
    for await (const frame of stream) {
      if (listening.samples === 0) {
        listening.firstAtMs = performance.now() - FRAME_MS;
        if (tracks.length === 0) onFirstAudio(performance.now() - sinceMs);
        tracks.push(listening);
      }
      remember(listening, frame.data);
    }
  };

  const heard = (): Heard => {
    const participants: Heard['participants'] = {};
    for (const { identity, samples, lastSecond } of tracks) {
      const level = levelDbfs(lastSecond);
      participants[identity] = {
        seconds: (participants[identity]?.seconds ?? 0) + samples / SAMPLE_RATE,
        levelDbfs: Number.isFinite(level) ? level : null,
        dominantHz: dominantHz(lastSecond),
      };
    }
    const first = tracks[0];
    return {
      seconds: unionSeconds(tracks),
      firstAudioMs: first ? first.firstAtMs + FRAME_MS - sinceMs : null,
      participants,
    };
  };

  return { listen, heard };
};
