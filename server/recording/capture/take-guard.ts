/** What a take watches besides writing: who speaks, who must not be heard, what has stalled, how fast files grow. */
import type { CaptureRoom } from './capture-room.ts';
import type { CaptureClock } from './clock.ts';
import type { AllowedSpeaker, JournalEntry } from './journal.schema.ts';
import type { Readings } from './rate.ts';
import { ratePerSecond, stepReadings } from './rate.ts';
import type { RoomWatch } from './room-watch.ts';
import { roomWatch } from './room-watch.ts';
import type { TakeTracks } from './take-tracks.ts';

export type TakeGuardDeps = {
  takeId: string;
  clock: CaptureClock;
  mayHear: (identity: string) => boolean;
  room: () => CaptureRoom | undefined;
  tracks: () => TakeTracks;
  nowSample: () => number;
  note: (entry: JournalEntry) => void;
  warn: (message: string, error: Error) => void;
};

export type TakeGuard = {
  watch: RoomWatch;
  named: (identities: readonly string[]) => void;
  /** Several times a second, before what has come is written. */
  look: () => void;
  /** Writes down the consent in force, once for each. */
  noteConsents: (allowed: Iterable<AllowedSpeaker>) => void;
  bytesPerSecond: () => number;
};

const keyOf = ({ consentId, published }: AllowedSpeaker): string => `${consentId} ${published}`;

export const takeGuard = (deps: TakeGuardDeps): TakeGuard => {
  const { takeId, clock, mayHear, room, tracks, nowSample, note, warn } = deps;
  const noted = new Map<string, string>();
  let written: Readings = [];

  const watch = roomWatch({
    mayHear,
    loudMs: (identity) => tracks().loudMs(identity),
    grownMs: (trackSid) => tracks().grownMs(trackSid),
    onSpeaking: (identity, on) => {
      const trackSid = tracks().trackSidOf(identity);
      const line = { atMs: clock.wallMs(), takeId, atSample: nowSample() };
      if (trackSid) note({ type: on ? 'speakerOn' : 'speakerOff', ...line, trackSid });
    },
    onStalled: (trackSid) => {
      warn(
        'a microphone is asked for anew',
        new Error(`LiveKit hears ${trackSid}, and nothing has come of it for 3 s`),
      );
      room()?.renew(trackSid);
    },
  });

  return {
    watch,
    named: (identities) => watch.named(identities, clock.monotonicMs()),
    look: () => {
      const nowMs = clock.monotonicMs();
      watch.look(room()?.microphones() ?? [], nowMs);
      const last = written.at(-1);
      if (!last || nowMs - last.atMs >= 1_000) written = stepReadings(written, tracks().measures().bytes, nowMs);
    },
    noteConsents: (allowed) => {
      for (const speaker of allowed) {
        if (noted.get(speaker.identity) === keyOf(speaker)) continue;
        noted.set(speaker.identity, keyOf(speaker));
        note({ type: 'consent', atMs: clock.wallMs(), takeId, atSample: nowSample(), ...speaker });
      }
    },
    bytesPerSecond: () => ratePerSecond(written),
  };
};
