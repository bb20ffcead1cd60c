/** The command line of the demo. All times are seconds since the speakers' first sample. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { checkPlan } from './plan.ts';

/** A part of the evening. */
export type Range = { from: number; to: number };
export const VICTIMS = ['capture', 'api', 'livekit'] as const;
export type Victim = (typeof VICTIMS)[number];
export type DemoOptions = {
  /** `wav` undefined: one of the built-in voices. */
  speakers: { name: string; wav: string | undefined }[];
  listeners: number;
  records: Range[];
  /** Each inside one of `records`. */
  pauses: Range[];
  marks: { at: number; label: string }[];
  /** Names of speakers who do not want to be recorded. */
  declined: string[];
  kills: { victim: Victim; at: number }[];
  cuts: (Range & { name: string })[];
  /** File for the report. */
  json: string | undefined;
  /** Ends after publishing instead of staying up. */
  exit: boolean;
};

const usage = `npm run demo -- [option]…
  --speaker "Name=file.wav"…   who talks; two built-in voices otherwise
  --listeners 2                how many listen
  --record A-B…                from second A to second B of the talk; 3-13 otherwise
  --pause A-B…                 a pause within a recorded part
  --mark T=label…              a mark while recording
  --decline NAME…              this speaker does not want to be recorded
  --kill capture@T…            kill -9 at second T: capture, api or livekit
  --cut NAME@A-B…              this speaker's packets are lost for a while
  --json out.json              writes what was found out
  --exit                       ends when the episode is published`;

const secondsPattern = String.raw`\d+(?:\.\d+)?`;

const rangeOf = (option: string, text: string): Range => {
  const [, from, to] = new RegExp(`^(${secondsPattern})-(${secondsPattern})$`).exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (from === undefined || range.to <= range.from) {
    throw new Error(`--${option} wants "A-B" in seconds, B after A, not "${text}"`);
  }
  return range;
};

const secondOf = (option: string, text: string, whole: string): number => {
  if (!new RegExp(`^${secondsPattern}$`).test(text)) throw new Error(`--${option} wants a second, not "${whole}"`);
  return Number(text);
};

/** The two sides of the first, or of the last, `sign`. */
const splitAt = (option: string, text: string, sign: '=' | '@', form: string): [string, string] => {
  const at = sign === '=' ? text.indexOf(sign) : text.lastIndexOf(sign);
  if (at < 1 || at === text.length - 1) throw new Error(`--${option} wants ${form}, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
};

const speakerOf = (text: string): DemoOptions['speakers'][number] => {
  const [name, file] = splitAt('speaker', text, '=', '"Name=file.wav"');
  const wav = resolve(file);
  if (!existsSync(wav)) throw new Error(`--speaker: there is no file ${wav}`);
  return { name, wav };
};

const markOf = (text: string): DemoOptions['marks'][number] => {
  const [second, label] = splitAt('mark', text, '=', '"T=label"');
  if (label.length > 120) throw new Error('--mark: a label has at most 120 characters');
  return { at: secondOf('mark', second, text), label };
};

const killOf = (text: string): DemoOptions['kills'][number] => {
  const [victim, second] = splitAt('kill', text, '@', `"${VICTIMS.join('@T", "')}@T"`);
  const known = VICTIMS.find((name) => name === victim);
  if (!known) throw new Error(`--kill knows ${VICTIMS.join(', ')}, not "${victim}"`);
  return { victim: known, at: secondOf('kill', second, text) };
};

const cutOf = (text: string): DemoOptions['cuts'][number] => {
  const [name, range] = splitAt('cut', text, '@', '"NAME@A-B"');
  return { name, ...rangeOf('cut', range) };
};

const byTime = (ranges: Range[]): Range[] => ranges.toSorted((a, b) => a.from - b.from);

const listenersSchema = z.coerce.number({ error: '--listeners wants a number' }).int().min(0).max(50);

const several = { type: 'string', multiple: true, default: [] as string[] } as const;

const parse = (args: string[]): DemoOptions => {
  const { values } = parseArgs({
    args,
    options: {
      ...{ speaker: several, pause: several, mark: several, decline: several, kill: several, cut: several },
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
    records: byTime(values.record.map((text) => rangeOf('record', text))),
    pauses: byTime(values.pause.map((text) => rangeOf('pause', text))),
    marks: values.mark.map(markOf).toSorted((a, b) => a.at - b.at),
    declined: values.decline,
    kills: values.kill.map(killOf),
    cuts: values.cut.map(cutOf),
    json: values.json,
    exit: values.exit,
  };
};

/** Reads the command line. Throws one sentence with the usage when something is wrong. */
export const readOptions = (args: string[]): DemoOptions => {
  try {
    const options = parse(args);
    checkPlan(options);
    return options;
  } catch (error) {
    const sentence = error instanceof z.ZodError ? error.issues[0]!.message : (error as Error).message;
    throw new Error(`${sentence}\n\n${usage}`, { cause: error });
  }
};
