import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Dual-mono reading in LUFS and true peak in dBTP of a file, or of a stretch of it; -Infinity for silence. */
export const loudnessOf = async (
  ffmpegBin: string,
  file: string,
  stretch?: { fromSeconds: number; toSeconds: number },
): Promise<{ lufs: number; dbtp: number }> => {
  const trim = stretch ? `atrim=${stretch.fromSeconds}:${stretch.toSeconds},asetpts=PTS-STARTPTS,` : '';
  const filter = `${trim}ebur128=dualmono=1:peak=true:framelog=verbose`;
  const args = ['-nostdin', '-hide_banner', '-nostats', '-i', file, '-af', filter, '-f', 'null', '-'];
  const { stderr } = await promisify(execFile)(ffmpegBin, args);
  const read = (pattern: RegExp) => Number([...stderr.matchAll(pattern)].at(-1)?.[1] ?? -Infinity);
  return { lufs: read(/\bI:\s+(-?[\d.]+) LUFS/g), dbtp: read(/\bPeak:\s+(-?[\d.]+) dBFS/g) };
};
