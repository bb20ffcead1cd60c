import type { EpisodeView } from '../../server/publication/episode.schema.ts';
import type { Playback } from './playback.svelte.ts';

/** Names the episode on the lock screen and lets its buttons act. Returns the end of it. */
export const showOnLockScreen = (episode: EpisodeView, playback: Playback): (() => void) => {
  const session = navigator.mediaSession;
  if (session === undefined) return () => undefined;
  session.metadata = new MediaMetadata({
    title: episode.title,
    artist: episode.speakers.join(', '),
    album: episode.roomTitle,
    artwork: [{ src: episode.coverUrl }],
  });
  session.setActionHandler('seekbackward', () => playback.step(-1));
  session.setActionHandler('seekforward', () => playback.step(1));
  return () => {
    session.metadata = null;
    session.setActionHandler('seekbackward', null);
    session.setActionHandler('seekforward', null);
  };
};
