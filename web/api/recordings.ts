import type { MasterView } from '../../server/recording/recording.schema.ts';
import { dataOf, hostApi, onceOnly } from './client.ts';

const room = (slug: string) => ({ params: { path: { slug } } });
const at = (recordingId: string) => ({ params: { path: { recordingId } } });
const version = (recordingId: string, masterId: string) => ({ params: { path: { recordingId, masterId } } });

export const startRecording = (slug: string) =>
  dataOf(hostApi.POST('/rooms/{slug}/recording/start', { params: { path: { slug }, header: onceOnly() } }));

export const pauseRecording = (slug: string) => dataOf(hostApi.POST('/rooms/{slug}/recording/pause', room(slug)));

export const resumeRecording = (slug: string) =>
  dataOf(hostApi.POST('/rooms/{slug}/recording/resume', { params: { path: { slug }, header: onceOnly() } }));

export const stopRecording = (slug: string) => dataOf(hostApi.POST('/rooms/{slug}/recording/stop', room(slug)));

/** Marks this moment of the running take. */
export const addMark = (slug: string, label: string) =>
  dataOf(hostApi.POST('/rooms/{slug}/recording/marks', { ...room(slug), body: { label } }));

/** Makes a clip of the last milliseconds (at most 90,000) of the running take; answers when it can be heard. */
export const makeClip = (slug: string, lastMs: number) =>
  dataOf(hostApi.POST('/rooms/{slug}/recording/clips', { ...room(slug), body: { lastMs } }));

export const getRecording = (recordingId: string) => dataOf(hostApi.GET('/recordings/{recordingId}', at(recordingId)));

export const nameRecording = (recordingId: string, name: string | null) =>
  dataOf(hostApi.PATCH('/recordings/{recordingId}', { ...at(recordingId), body: { name } }));

export const nameTake = (recordingId: string, takeId: string, name: string | null) =>
  dataOf(
    hostApi.PATCH('/recordings/{recordingId}/takes/{takeId}', {
      params: { path: { recordingId, takeId } },
      body: { name },
    }),
  );

/** Has a version made: of all takes, or of the ranges of a cut. */
export const makeMaster = (
  recordingId: string,
  body: Partial<Pick<MasterView, 'cut' | 'preset'>> & { title?: string } = {},
) => dataOf(hostApi.POST('/recordings/{recordingId}/masters', { ...at(recordingId), body }));

export const cancelMaster = (recordingId: string, masterId: string) =>
  dataOf(hostApi.POST('/recordings/{recordingId}/masters/{masterId}/cancel', version(recordingId, masterId)));

export const retryMaster = (recordingId: string, masterId: string) =>
  dataOf(hostApi.POST('/recordings/{recordingId}/masters/{masterId}/retry', version(recordingId, masterId)));

/** Where the view of a recording is sent whenever it changes. */
export const recordingEventsUrl = (recordingId: string): string => {
  const url = new URL(`/manage/api/v1/recordings/${recordingId}/events`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
};

/** A page of one's recordings, newest first; `before` is the `next` of the page before. */
export const listRecordings = (before: string | null) =>
  dataOf(hostApi.GET('/recordings', { params: { query: { before: before ?? undefined } } }));
