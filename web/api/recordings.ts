import type { MasterView, RecordingView } from '../../server/recording/recording.schema.ts';
import { askAsHost } from './client.ts';

const room = (slug: string) => `/rooms/${encodeURIComponent(slug)}`;

export const startRecording = (slug: string) =>
  askAsHost<RecordingView>('POST', `${room(slug)}/recording/start`, {
    body: {},
    idempotencyKey: crypto.randomUUID(),
  });

export const stopRecording = (slug: string) =>
  askAsHost<RecordingView>('POST', `${room(slug)}/recording/stop`, { body: {} });

export const listRecordings = async () =>
  (await askAsHost<{ recordings: RecordingView[] }>('GET', '/recordings')).recordings;

export const getRecording = (recordingId: string) => askAsHost<RecordingView>('GET', `/recordings/${recordingId}`);

/** Has the recording rendered again, as after a failure. */
export const renderMaster = (recordingId: string) =>
  askAsHost<MasterView>('POST', `/recordings/${recordingId}/masters`, { body: {} });
