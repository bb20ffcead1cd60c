/** An Episode is what the listeners of the past get. Its address and GUID never change, whatever happens to the audio. */
import type { Rendition } from '../recording/master.ts';

export type EpisodeState = 'published' | 'unpublished';
export type EpisodeEvent = 'unpublish';

/** Which event leads where; printed in ARCHITECTURE.md. What is not listed changes nothing. */
export const EPISODE_TABLE: Record<EpisodeState, Partial<Record<EpisodeEvent, EpisodeState>>> = {
  published: { unpublish: 'unpublished' },
  unpublished: {},
};

/** The states in which `event` means something: the condition of the compare-and-set. */
export const statesFor = (event: EpisodeEvent): EpisodeState[] =>
  (Object.keys(EPISODE_TABLE) as EpisodeState[]).filter((state) => EPISODE_TABLE[state][event]);

export type Episode = {
  id: string;
  slug: string;
  guid: string;
  room: { id: string; slug: string; title: string; hostId: string };
  recordingId: string;
  title: string;
  description: string;
  language: string;
  explicit: boolean;
  coverSha256: string;
  speakers: string[];
  state: EpisodeState;
  publishedAt: Date | null;
  updatedAt: Date;
  /** `isWithdrawn`: it held a voice that was taken back; another takes its place as soon as it is made. */
  master: { id: string; isWithdrawn: boolean; durationMs: number; peaksFile: string | null; renditions: Rendition[] };
};

const EXTENSIONS: Record<Rendition['kind'], string> = { mp3: 'mp3', m4a: 'm4a', opus: 'ogg' };

/** Public name of a rendition's file: podcast apps want an address that ends in the extension. */
export const audioName = (rendition: Pick<Rendition, 'id' | 'kind'>): string =>
  `${rendition.id}.${EXTENSIONS[rendition.kind]}`;
