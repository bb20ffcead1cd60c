import { api, dataOf, hostApi, onceOnly } from './client.ts';

export const listEpisodes = async () => (await dataOf(api.GET('/episodes'))).episodes;

export const getEpisode = (slug: string) => dataOf(api.GET('/episodes/{slug}', { params: { path: { slug } } }));

/** Publishes a version of the recording: the newest of all takes unless told which. */
export const publishEpisode = (
  recordingId: string,
  body: { masterId?: string; title: string; description: string; language: string },
) =>
  dataOf(
    hostApi.POST('/recordings/{recordingId}/episodes', {
      params: { path: { recordingId }, header: onceOnly() },
      body: { ...body, explicit: false },
    }),
  );
