import type { EpisodeView } from '../../server/publication/episode.schema.ts';
import { ask, askAsHost } from './client.ts';

export const listEpisodes = async () => (await ask<{ episodes: EpisodeView[] }>('GET', '/episodes')).episodes;

export const getEpisode = (slug: string) => ask<EpisodeView>('GET', `/episodes/${encodeURIComponent(slug)}`);

export const publishEpisode = (recordingId: string, body: { title: string; description: string; language: string }) =>
  askAsHost<EpisodeView>('POST', `/recordings/${recordingId}/episodes`, { body, idempotencyKey: crypto.randomUUID() });
