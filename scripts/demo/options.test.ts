import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { stepsOf, takesOf } from './plan.ts';

const file = import.meta.filename;

describe('the command line of the demo', () => {
  it('without anything lets two built-in voices talk to two listeners', () => {
    const options = readOptions([]);
    expect(options.speakers).toEqual([
      { name: 'Ada', wav: undefined },
      { name: 'Bo', wav: undefined },
    ]);
    expect(options).toMatchObject({ listeners: 2, records: [{ from: 3, to: 13 }], exit: false });
    expect(options).toMatchObject({ pauses: [], marks: [], declined: [], kills: [], cuts: [] });
  });

  it('takes files, ranges in any order, and a report', () => {
    const args = ['--speaker', `Ada=${file}`, '--record', '40-55', '--record', '5-25', '--json', 'o.json', '--exit'];
    expect(readOptions(args)).toMatchObject({
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

  it('takes pauses, marks, faults and a speaker who declines, each several times', () => {
    const args = [
      ...['--record', '5-60', '--pause', '40-50', '--pause', '20-30.5'],
      ...['--mark', '35=cut this', '--mark', '7.5=a = b', '--decline', 'Bo'],
      ...['--kill', 'capture@10', '--kill', 'api@12', '--kill', 'livekit@33.5'],
      ...['--cut', 'Ada@6-6.3', '--cut', 'Ada@52-57', '--cut', 'Bo@6-7'],
    ];
    expect(readOptions(args)).toMatchObject({
      pauses: [
        { from: 20, to: 30.5 },
        { from: 40, to: 50 },
      ],
      marks: [
        { at: 7.5, label: 'a = b' },
        { at: 35, label: 'cut this' },
      ],
      declined: ['Bo'],
      kills: [
        { victim: 'capture', at: 10 },
        { victim: 'api', at: 12 },
        { victim: 'livekit', at: 33.5 },
      ],
      cuts: [
        { name: 'Ada', from: 6, to: 6.3 },
        { name: 'Ada', from: 52, to: 57 },
        { name: 'Bo', from: 6, to: 7 },
      ],
    });
  });

  it('makes of records and pauses the orders of a host, and the takes between them', () => {
    const options = readOptions(['--record', '5-25', '--pause', '10-12', '--record', '40-55']);
    expect(stepsOf(options).map(({ at, order }) => `${order} ${at}`)).toEqual([
      ...['start 5', 'pause 10', 'resume 12', 'stop 25'],
      ...['start 40', 'stop 55'],
    ]);
    expect(takesOf(options)).toEqual([
      { from: 5, to: 10 },
      { from: 12, to: 25 },
      { from: 40, to: 55 },
    ]);
  });

  it.each([
    ['--record wants "A-B"', ['--record', '5']],
    ['B after A', ['--record', '9-5']],
    ['at least a second apart', ['--record', '5-9', '--record', '9-12']],
    ['not "nofile"', ['--speaker', 'nofile']],
    ['there is no file', ['--speaker', 'Ada=/nowhere/at/all.wav']],
    ['two are called Ada', ['--speaker', `Ada=${file}`, '--speaker', `Ada=${file}`]],
    ['--listeners wants a number', ['--listeners', 'many']],
    ["Unknown option '--unknown'", ['--unknown', 'x']],
    ['is not inside a recorded part', ['--pause', '1-2']],
    ['is not inside a recorded part', ['--pause', '3.5-8']],
    ['pauses must lie at least a second apart', ['--pause', '5-6', '--pause', '6-7']],
    ['"T=label"', ['--mark', '7']],
    ['wants a second', ['--mark', 'seven=label']],
    ['at most 120 characters', ['--mark', `7=${'x'.repeat(121)}`]],
    ['nothing is recorded at that second', ['--mark', '2=early']],
    ['nothing is recorded at that second', ['--pause', '5-8', '--mark', '6=in the pause']],
    ['There is no speaker Cy; there are Ada and Bo', ['--decline', 'Cy']],
    ['There is no speaker Cy', ['--cut', 'Cy@4-5']],
    ['"NAME@A-B"', ['--cut', 'Ada']],
    ['those of Ada must lie at least a second apart', ['--cut', 'Ada@4-6', '--cut', 'Ada@5-7']],
    ['--kill knows capture, api, livekit, not "postgres"', ['--kill', 'postgres@5']],
    ['--kill wants a second', ['--kill', 'api@soon']],
    ['comes after the last stop', ['--kill', 'api@13']],
  ])('refuses with "%s" and the usage', (sentence, args) => {
    expect(() => readOptions(args)).toThrow(sentence);
    expect(() => readOptions(args)).toThrow('npm run demo');
  });
});
