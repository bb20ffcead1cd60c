import { alignArgs } from './align.ts';
import { RENDITION_KINDS, encodeArgs } from './encode.ts';
import { UNCHANGED } from './loudness.ts';
import { masterArgs } from './master.ts';
import { mixArgs } from './mix.ts';
import { TREATMENTS } from './preset.ts';
import { nameOf } from './workshop.ts';

const RANGE = { takeId: '', takeLength: 2, fromSample: 1, toSample: 2 };
const PIECE = { file: '', offsetSamples: 1, lengthSamples: 2 };

/**
 * The pipeline's own version: a hash of the command lines it gives for one small episode. Who changes a filter or an
 * encoder's setting thereby changes the names of everything made with it, and nothing stale is ever taken up again.
 */
export const PIPELINE = nameOf([
  TREATMENTS,
  alignArgs({
    ranges: [RANGE, RANGE],
    pieces: [[PIECE, PIECE], []],
    cleaning: { clean: '', delaySamples: 1 },
    output: '',
  }),
  mixArgs({ lines: [{ file: '', gainDb: 0, makeupDb: 0 }], dynamics: null, lengthSamples: 2, output: '' }),
  masterArgs({
    mix: '',
    lengthSamples: 2,
    setting: UNCHANGED,
    edges: [
      { kind: 'start', atSample: 0 },
      { kind: 'end', atSample: 2 },
    ],
    timing: { latency: true, delaySamples: 0 },
    output: '',
  }),
  RENDITION_KINDS.map((kind) => encodeArgs(kind, { master: '', tags: { title: '' }, output: '' })),
]);
