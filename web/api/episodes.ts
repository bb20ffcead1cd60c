import { api, dataOf, hostApi, onceOnly } from './client.ts';

export const listEpisodes = async () => (await dataOf(api.GET('/episodes'))).episodes;

export const getEpisode = (slug: string) => dataOf(api.GET('/episodes/{slug}', { params: { path: { slug } } }));

export const publishEpisode = (recordingId: string, body: { title: string; description: string; language: string }) =>
  dataOf(
    hostApi.POST('/recordings/{recordingId}/episodes', {
      params: { path: { recordingId }, header: onceOnly() },
      body: { ...body, explicit: false },
    }),
  );
