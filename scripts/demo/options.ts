import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

/** A part of the evening to record, in seconds since the speakers' first sample. */
export type Range = { from: number; to: number };
export type DemoOptions = {
  /** `wav` undefined: one of the built-in voices. */
  speakers: { name: string; wav: string | undefined }[];
  listeners: number;
  records: Range[];
  /** File for the report. */
  json: string | undefined;
  /** Ends after publishing instead of staying up. */
  exit: boolean;
};

const usage = `npm run demo -- [--speaker "Name=file.wav"]… [--listeners 3] [--record 5-25]… [--json out.json] [--exit]`;

const speakerOf = (text: string): DemoOptions['speakers'][number] => {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--speaker wants "Name=file.wav", not "${text}"`);
  const wav = resolve(text.slice(at + 1));
  if (!existsSync(wav)) throw new Error(`--speaker: there is no file ${wav}`);
  return { name: text.slice(0, at), wav };
};

const rangeOf = (text: string): Range => {
  const [, from, to] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (from === undefined || range.to <= range.from) throw new Error(`--record wants "A-B" in seconds, not "${text}"`);
  return range;
};

const inOrder = (ranges: Range[]): Range[] => {
  const sorted = ranges.toSorted((a, b) => a.from - b.from);
  const overlap = sorted.find((range, index) => index > 0 && range.from < sorted[index - 1]!.to + 1);
  if (overlap) throw new Error('--record: takes must lie at least a second apart');
  return sorted;
};

const listenersSchema = z.coerce.number({ error: '--listeners wants a number' }).int().min(0).max(50);

/** Reads the command line. Throws one sentence with the usage when something is wrong. */
export const readOptions = (args: string[]): DemoOptions => {
  try {
    const { values } = parseArgs({
      args,
      options: {
        speaker: { type: 'string', multiple: true, default: [] },
        listeners: { type: 'string', default: '2' },
        record: { type: 'string', multiple: true, default: ['3-13'] },
        json: { type: 'string' },
        exit: { type: 'boolean', default: false },
      },
    });
    const given = values.speaker.map(speakerOf);
    const builtIn = ['Ada', 'Bo'].map((name) => ({ name, wav: undefined }));
    return {
      speakers: given.length > 0 ? given : builtIn,
      listeners: listenersSchema.parse(values.listeners),
      records: inOrder(values.record.map(rangeOf)),
      json: values.json,
      exit: values.exit,
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`, { cause: error });
  }
};
