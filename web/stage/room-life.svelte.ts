import { onMount } from 'svelte';
import { holdWakeLock } from '../media/wake-lock.ts';
import { m } from '../paraglide/messages.js';
import { announcer } from '../ui/announcer.svelte.ts';
import { codeText } from '../ui/problem-text.ts';
import { listenForKeys } from './room-keys.ts';
import type { RoomVisit } from './room-visit.svelte.ts';

const announceRecording = (visit: RoomVisit): void => {
  let before: boolean | null = null;
  $effect(() => {
    const lit = visit.recording;
    if (before !== null && before !== lit) announcer.insist(lit ? m.recording_started() : m.recording_stopped());
    before = lit;
  });
  const trouble = $derived(visit.stage.view?.recording.trouble ?? null);
  const paused = $derived(visit.stage.view?.recording.paused === true);
  $effect(() => {
    if (trouble) announcer.insist(`${m.trouble_title()}. ${codeText(trouble).what} ${m.trouble_kept()}`);
  });
  $effect(() => {
    if (paused) announcer.say(m.recording_is_paused());
  });
};

/**
 * Everything that goes on while somebody is in a room and that is not seen: the visit itself, the keys, the wake lock
 * of those on stage, and what is said to screen readers. Called once while the screen is set up.
 */
export const liveInRoom = (visit: RoomVisit, press: { microphone: () => unknown; hand: () => unknown }): void => {
  onMount(() => {
    visit.start();
    const stopKeys = listenForKeys({
      microphone: () => visit.onStage && press.microphone(),
      hand: () => !visit.onStage && press.hand(),
    });
    // A frozen page (iOS, back-forward cache) lost its sound without being told; a phone may be back in reach.
    const comeBack = (): void => visit.media.rejoin();
    const wakeUps = ['pageshow', 'online'] as const;
    for (const name of wakeUps) addEventListener(name, comeBack);
    return () => {
      stopKeys();
      for (const name of wakeUps) removeEventListener(name, comeBack);
      visit.leave();
    };
  });
  $effect(() => (visit.onStage ? holdWakeLock() : undefined));
  $effect(() => {
    if (visit.onStage) announcer.say(visit.media.microphone === 'on' ? m.you_are_heard() : m.microphone_off());
  });
  announceRecording(visit);
};
