import { Problem } from '../../problems.ts';

/**
 * Integrated loudness and true peak after ITU-R BS.1770, a mono file read as the two loudspeakers that will play it
 * (`dualmono`): that reading is 3 LU above the plain one. null is silence: nothing passed the absolute gate at −70 LUFS.
 */
export type Loudness = { loudnessLufs: number | null; truePeakDbtp: number | null };

export const TARGET_LUFS = -16;
export const TOLERANCE_LU = 0.3;
export const CEILING_DBTP = -3;
/** The limiter works at four times the rate, the meter reads between those samples too: this much is left for it. */
export const FIRST_CEILING_DB = CEILING_DBTP - 0.2;
const VOICE_TARGET_LUFS = -20;
/** Quieter than this is an open microphone without a voice: never amplified. */
const NO_VOICE_LUFS = -60;
const NOISY_VOICE_GAIN_DB = 20;
const MOST_MAKEUP_DB = 12;
const MOST_MASTER_GAIN_DB = 20;

export type VoiceWarning = 'silent' | 'noisy' | 'too-quiet';

const lastNumber = (text: string, pattern: RegExp): number | null => {
  const value = Number([...text.matchAll(pattern)].at(-1)?.[1]);
  return Number.isFinite(value) ? value : null;
};

/** Reads the summary that `ebur128` writes at its end. Throws `ffmpeg-failed` when there is none. */
export const readLoudness = (log: string): Loudness => {
  const summary = log.slice(log.lastIndexOf('Integrated loudness:'));
  if (!summary.startsWith('Integrated')) throw new Problem('ffmpeg-failed', { detail: 'ffmpeg measured nothing.' });
  const loudnessLufs = lastNumber(summary, /\bI:\s+(-?[\d.]+) LUFS/g);
  return {
    loudnessLufs: loudnessLufs !== null && loudnessLufs > -70 ? loudnessLufs : null,
    truePeakDbtp: lastNumber(summary, /\bPeak:\s+(-?[\d.]+) dBFS/g),
  };
};

/** The gain that brings one voice to −20 LUFS, at most `mostGainDb` up or down, and what is to be said about it. */
export const voiceGain = (
  loudnessLufs: number | null,
  mostGainDb: number,
): { gainDb: number; warnings: VoiceWarning[] } => {
  if (loudnessLufs === null || loudnessLufs < NO_VOICE_LUFS) return { gainDb: 0, warnings: ['silent'] };
  const wanted = VOICE_TARGET_LUFS - loudnessLufs;
  const gainDb = tenths(Math.max(-mostGainDb, Math.min(wanted, mostGainDb)));
  const noisy: VoiceWarning[] = gainDb > NOISY_VOICE_GAIN_DB ? ['noisy'] : [];
  return { gainDb, warnings: wanted > mostGainDb ? [...noisy, 'too-quiet'] : noisy };
};

/** What the compressor took from a voice, to be given back after it: 0 to 12 dB. */
export const makeupFor = (loudnessLufs: number | null, gainDb: number, compressedLufs: number | null): number =>
  loudnessLufs === null || compressedLufs === null
    ? 0
    : tenths(Math.max(0, Math.min(MOST_MAKEUP_DB, loudnessLufs + gainDb - compressedLufs)));

/** What a mastering round sets: gain before the limiter and the limiter's ceiling. */
export type MasterSetting = { gainDb: number; ceilingDb: number };
export type MasterRound = { setting: MasterSetting; measured: Loudness };

/** The first round believes the measured mix; null for a mix without any voice, which is not to be made louder. */
export const firstSetting = (mix: Loudness): MasterSetting | null =>
  mix.loudnessLufs === null || mix.loudnessLufs < NO_VOICE_LUFS
    ? null
    : { gainDb: tenths(Math.min(TARGET_LUFS - mix.loudnessLufs, MOST_MASTER_GAIN_DB)), ceilingDb: FIRST_CEILING_DB };

/** Silence is passed through the same chain with nothing changed. */
export const UNCHANGED: MasterSetting = { gainDb: 0, ceilingDb: FIRST_CEILING_DB };

/** Whether a round is a master: −16.0 ± 0.3 LUFS and at most −3.0 dBTP. */
export const isMaster = ({ loudnessLufs, truePeakDbtp }: Loudness): boolean =>
  loudnessLufs !== null &&
  tenths(Math.abs(loudnessLufs - TARGET_LUFS)) <= TOLERANCE_LU &&
  (truePeakDbtp ?? -Infinity) <= CEILING_DBTP;

/**
 * The next round after these. More gain means less than as much loudness where the limiter works, so from the second
 * round on the slope seen so far is used (secant); a peak above the ceiling lowers the ceiling by what it passed it.
 */
export const nextSetting = (rounds: MasterRound[]): MasterSetting => {
  const last = rounds.at(-1)!;
  const before = rounds.at(-2);
  const error = TARGET_LUFS - (last.measured.loudnessLufs ?? TARGET_LUFS);
  const rise = before ? (last.measured.loudnessLufs ?? 0) - (before.measured.loudnessLufs ?? 0) : 0;
  const slope = before ? rise / (last.setting.gainDb - before.setting.gainDb || 1) : 1;
  const step = Math.max(-6, Math.min(6, error / Math.max(0.2, Math.min(1, slope))));
  const overshoot = Math.max(0, (last.measured.truePeakDbtp ?? -Infinity) - CEILING_DBTP);
  return {
    gainDb: tenths(last.setting.gainDb + step),
    ceilingDb: tenths(last.setting.ceilingDb - (overshoot > 0 ? overshoot + 0.1 : 0)),
  };
};

/** Decibels are written to a tenth, so that a command line, and with it a hash, never hangs on a last binary digit. */
const tenths = (db: number): number => Math.round(db * 10) / 10;
