/** The file behind an episode's `peaksUrl`: lowest and highest value of each span as pairs from −128 to 127. */
export interface PeaksFile {
  lengthMs: number;
  peaks: readonly number[];
}

/** `count` bars of height 0…1 from pairs of lowest and highest values; the loudest bar is 1, silence keeps a trace. */
export const barsOf = (peaks: readonly number[], count: number): number[] => {
  const spans = Math.floor(peaks.length / 2);
  if (spans === 0 || count < 1) return [];
  const bars = Array.from({ length: Math.min(count, spans) }, (_, bar, total = Math.min(count, spans)) => {
    const from = Math.floor((bar * spans) / total);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * spans) / total));
    let reach = 0;
    for (let span = from; span < to; span += 1)
      reach = Math.max(reach, (peaks[2 * span + 1] ?? 0) - (peaks[2 * span] ?? 0));
    return reach;
  });
  const loudest = Math.max(...bars);
  return bars.map((bar) => Math.max(0.04, loudest === 0 ? 0 : bar / loudest));
};

/** The bars as one SVG path in a box of `bars.length` × 1, so that it scales to any width. */
export const barsPath = (bars: readonly number[], from = 0, to = bars.length): string =>
  bars
    .slice(from, to)
    .map((bar, index) => `M${from + index + 0.5} ${(0.5 - bar / 2).toFixed(3)}v${bar.toFixed(3)}`)
    .join('');
