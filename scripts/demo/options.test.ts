import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the command line of the demo', () => {
  it('without anything lets two built-in voices talk to two listeners', () => {
    const options = readOptions([]);
    expect(options.speakers).toEqual([
      { name: 'Ada', wav: undefined },
      { name: 'Bo', wav: undefined },
    ]);
    expect(options).toMatchObject({ listeners: 2, records: [{ from: 3, to: 13 }], exit: false });
  });

  it('takes files, ranges in any order, and a report', () => {
    const file = import.meta.filename;
    const args = ['--speaker', `Ada=${file}`, '--record', '40-55', '--record', '5-25', '--json', 'o.json', '--exit'];
    expect(readOptions(args)).toEqual({
      speakers: [{ name: 'Ada', wav: file }],
      listeners: 2,
      records: [
        { from: 5, to: 25 },
        { from: 40, to: 55 },
      ],
      json: 'o.json',
      exit: true,
    });
  });

  it.each([
    ['--record', '5'],
    ['--record', '9-5'],
    ['--speaker', 'nofile'],
    ['--speaker', 'Ada=/nowhere/at/all.wav'],
    ['--listeners', 'many'],
    ['--unknown', 'x'],
  ])('%s %s is refused with the usage', (...args) => {
    expect(() => readOptions(args)).toThrow('npm run demo');
  });
});
