import { inputFile } from '../ffmpeg.ts';
import { FLAC_24, LINE_FORMAT, compensated } from './align.ts';
import type { MasterSetting } from './loudness.ts';
import { MIX_HEADROOM_DB } from './mix.ts';
import { noticeFilters } from './notice.ts';
import type { TakeEdge } from './plan.ts';

/** How the limiter of this ffmpeg keeps time: by itself (`latency`, since 5.1), or with a delay to be made good. */
export type LimiterTiming = { latency: boolean; delaySamples: number };

/** At 192 kHz the peaks between the samples are seen and held too. */
export const limiterChain = (ceilingDb: number, latency: boolean): string => {
  const limit = (10 ** (ceilingDb / 20)).toFixed(5);
  const options = `level=0:limit=${limit}:attack=5:release=50${latency ? ':latency=1' : ''}`;
  return `aresample=192000,alimiter=${options},aresample=48000`;
};

/** One mastering round: gain, notice tones, limiter, meter; 48 kHz mono FLAC, of the mix's length to the sample. */
export const masterArgs = (round: {
  mix: string;
  lengthSamples: number;
  setting: MasterSetting;
  edges: TakeEdge[];
  timing: LimiterTiming;
  output: string;
}): string[] => {
  const { setting, timing, lengthSamples } = round;
  const chain = compensated(limiterChain(setting.ceilingDb, timing.latency), timing.delaySamples);
  const exact = `apad=whole_len=${lengthSamples},atrim=end_sample=${lengthSamples}`;
  const graph = [
    `[0:a:0]${LINE_FORMAT},volume=${(setting.gainDb + MIX_HEADROOM_DB).toFixed(1)}dB[bed]`,
    ...noticeFilters(round.edges, 'bed', 'told'),
    `[told]${chain},${exact},ebur128=dualmono=1:peak=true:framelog=verbose[master]`,
  ];
  return [
    ...inputFile('flac', round.mix),
    ...['-filter_complex', graph.join(';'), '-map', '[master]'],
    ...FLAC_24,
    round.output,
  ];
};
