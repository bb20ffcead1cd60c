import { dataOf, hostApi, onceOnly } from './client.ts';

export const startRecording = (slug: string) =>
  dataOf(hostApi.POST('/rooms/{slug}/recording/start', { params: { path: { slug }, header: onceOnly() } }));

export const stopRecording = (slug: string) =>
  dataOf(hostApi.POST('/rooms/{slug}/recording/stop', { params: { path: { slug } } }));

export const listRecordings = async () => (await dataOf(hostApi.GET('/recordings'))).recordings;

const at = (recordingId: string) => ({ params: { path: { recordingId } } });

export const getRecording = (recordingId: string) => dataOf(hostApi.GET('/recordings/{recordingId}', at(recordingId)));

/** Has the recording rendered again, as after a failure. */
export const renderMaster = (recordingId: string) =>
  dataOf(hostApi.POST('/recordings/{recordingId}/masters', at(recordingId)));
