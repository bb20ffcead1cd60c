import { expect, it } from 'vitest';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import { endingInWords, gapInWords, gapsInOrder, replaySecond } from './take-words.ts';

const gap = (fromMs: number, toMs: number, reason = 'captureLost') => ({ fromMs, toMs, reason });

it('what all voices lost together is told once, in the order of the evening', () => {
  expect(gapsInOrder([gap(9000, 9500), gap(100, 300), gap(100, 300), gap(100, 300, 'stalled')])).toEqual([
    gap(100, 300),
    gap(100, 300, 'stalled'),
    gap(9000, 9500),
  ]);
});

it('a gap says how much was lost, when, and why', () => {
  expect(gapInWords(gap(723_000, 724_200), 'en')).toBe('1.2 s lost at 12:03 while the recorder was restarted');
  expect(gapInWords(gap(723_000, 724_200, 'something new'), 'en')).toBe('Gap of 1.2 s at 12:03');
});

it('a moment of a take is found in the replay, and in none that does not hold the take yet', () => {
  const recording = { replay: { takes: [{ takeId: 'two', fromMs: 60_000 }] } } as RecordingView;
  expect(replaySecond(recording, 'two', 1500)).toBe(61.5);
  expect(replaySecond(recording, 'three', 1500)).toBeNull();
});

it('a take says why it ended, unless it was simply stopped', () => {
  expect(['stopped', 'paused', 'diskLow', null].map((stopReason) => endingInWords({ stopReason }))).toEqual([
    '',
    'Ended with a pause',
    'Ended by itself. There is too little space left to record.',
    '',
  ]);
});
