import { expect, it } from 'vitest';
import type { ReplayView } from '../../server/recording/recording.schema.ts';
import { ReplayPlayback } from './replay-playback.svelte.ts';

/** What of an `<audio>` element the player uses. */
class FakeAudio extends EventTarget {
  src = '';
  paused = true;
  currentTime = 0;
  readyState = 1;
  playbackRate = 1;
  volume = 1;
  play(): Promise<void> {
    this.paused = false;
    this.dispatchEvent(new Event('play'));
    return Promise.resolve();
  }
  pause(): void {
    this.paused = true;
    this.dispatchEvent(new Event('pause'));
  }
  load(): void {}
  querySelector(): null {
    return null;
  }
  /** The sound has come to a second. */
  reach(second: number): void {
    this.currentTime = second;
    this.dispatchEvent(new Event('timeupdate'));
  }
}

const replay: ReplayView = {
  state: 'ready',
  url: 'https://loggia.example/manage/api/v1/recordings/r1/replay.mp3',
  durationMs: 60_000,
  gainDb: -3,
  takes: [],
};
const fine: ReplayView = { ...replay, state: 'master', gainDb: 0 };

const playing = () => {
  const player = new ReplayPlayback();
  const audio = new FakeAudio();
  player.attach(audio as unknown as HTMLAudioElement);
  player.show(replay);
  player.press();
  audio.reach(12);
  return { player, audio };
};

it('less loudness is done by the element itself, at the page’s own origin', () => {
  const { audio } = playing();
  expect(audio.src).toBe('/manage/api/v1/recordings/r1/replay.mp3?edition=ready-60000');
  expect(audio.volume).toBeCloseTo(10 ** (-3 / 20));
});

it('the fine version does not interrupt what plays: it comes with the next press, at the same place', () => {
  const { player, audio } = playing();
  const before = audio.src;
  player.show(fine);
  expect(player.behind).toBe(true);
  expect(audio.src).toBe(before);
  player.press();
  player.press();
  expect(audio.src).toContain('edition=master-60000');
  audio.dispatchEvent(new Event('loadedmetadata'));
  expect(audio.currentTime).toBe(12);
  expect(audio.volume).toBe(1);
  expect(audio.paused).toBe(false);
});

it('a sound that is gone from under the player is taken up by the new one, which goes on', () => {
  const { player, audio } = playing();
  player.show(fine);
  audio.dispatchEvent(new Event('error'));
  expect(audio.src).toContain('edition=master-60000');
  audio.dispatchEvent(new Event('loadedmetadata'));
  expect([audio.currentTime, audio.paused, player.playback.failed]).toEqual([12, false, false]);
});

it('without Web Audio a replay that should be louder plays as it is', () => {
  const player = new ReplayPlayback();
  const audio = new FakeAudio();
  player.attach(audio as unknown as HTMLAudioElement);
  player.show({ ...replay, gainDb: 9 });
  player.press();
  expect([audio.volume, audio.paused]).toEqual([1, false]);
});
