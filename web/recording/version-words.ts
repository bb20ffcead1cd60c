import type { MasterView } from '../../server/recording/recording.schema.ts';
import { m } from '../paraglide/messages.js';
import { elapsed } from '../ui/format.ts';
import { intlTag } from '../ui/intl-tag.ts';

/** How long a version is or will be: what was chosen says it before it is made. */
const lengthOf = ({ durationMs, cut }: MasterView): string =>
  elapsed(durationMs ?? cut.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0));

/** A version as its host calls it. */
export const versionTitle = (master: MasterView): string => {
  if (master.title) return master.title;
  if (master.kind === 'whole') return m.version_whole();
  const length = lengthOf(master);
  return master.kind === 'cut' ? m.version_untitled_cut({ length }) : m.version_untitled_clip({ length });
};

/** Podcast apps expect −16 LUFS; encoders move it by a little. */
const isRight = (lufs: number): boolean => Math.abs(lufs + 16) <= 0.7;
/** Below this, no decoder makes a peak that passes full scale. */
const SAFE_PEAK_DBTP = -1;

const number = (value: number, locale: string): string =>
  new Intl.NumberFormat(intlTag(locale), { maximumFractionDigits: 1 }).format(value).replace('-', '−');

const VOICE_WARNINGS: Record<string, (places: { speaker: string }) => string> = {
  silent: m.quality_voice_silent,
  noisy: m.quality_voice_noisy,
  'too-quiet': m.quality_voice_tooQuiet,
  unreadable: m.quality_voice_unreadable,
  shorter: m.quality_voice_shorter,
};

const signed = (gainDb: number, locale: string): string => `${gainDb > 0 ? '+' : ''}${number(gainDb, locale)}`;

/** How a version sounds, sentence by sentence: as a whole, voice by voice, and what went wrong. */
export const qualitySentences = (
  master: Pick<MasterView, 'loudnessLufs' | 'truePeakDbtp' | 'quality'>,
  locale: string,
): { whole: string[]; voices: string[]; warnings: string[] } => {
  const { loudnessLufs: lufs, truePeakDbtp: peak, quality } = master;
  const places = { lufs: number(lufs ?? 0, locale), peak: number(peak ?? 0, locale) };
  const whole =
    lufs === null
      ? [m.quality_silent()]
      : [isRight(lufs) ? m.quality_loudness(places) : m.quality_loudness_off(places)];
  if (peak !== null) whole.push(peak <= SAFE_PEAK_DBTP ? m.quality_peak(places) : m.quality_peak_high(places));
  const voices = quality?.voices ?? [];
  return {
    whole,
    voices: voices
      .filter(({ loudnessLufs }) => loudnessLufs !== null)
      .map(({ speaker, loudnessLufs, gainDb }) =>
        m.quality_voice({ speaker, lufs: number(loudnessLufs ?? 0, locale), gain: signed(gainDb, locale) }),
      ),
    warnings: [
      ...voices.flatMap(({ speaker, warnings }) =>
        warnings.map((warning) => VOICE_WARNINGS[warning]?.({ speaker }) ?? `${speaker}: ${warning}`),
      ),
      ...(quality?.warnings ?? []).map((detail) => m.quality_missed({ detail })),
    ],
  };
};
