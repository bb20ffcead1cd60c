/**
 * A bot's mouth: publishes a microphone track and speaks samples from a given instant on, paced by the monotonic clock.
 */
import type { Room } from '@livekit/rtc-node';
import { AudioFrame, AudioSource, LocalAudioTrack, TrackPublishOptions, TrackSource } from '@livekit/rtc-node';
import type { Spoken } from './bot-protocol.ts';
import { SAMPLE_RATE } from './sound.ts';

const FRAME_MS = 20;
const FRAME = (SAMPLE_RATE * FRAME_MS) / 1000;
/** How far ahead of real time frames are handed over, so that a late timer leaves no hole. */
const LEAD_MS = 60;
/** What is later than this is not said any more: a microphone does not wait for a process that was stopped. */
const TOO_LATE_MS = 500;

/** rtc-node has no mute for local tracks; its native side has, and the one client of it is global. */
type NativeClient = { request: (message: unknown) => unknown };

const untilMonotonic = (atMs: number): Promise<void> =>
  new Promise((wake) => setTimeout(wake, Math.max(0, atMs - performance.now())));

export const mouth = async (room: Room, dtx: boolean) => {
  const source = new AudioSource(SAMPLE_RATE, 1, 200);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  const options = new TrackPublishOptions({
    audioEncoding: { maxBitrate: 32_000n },
    dtx,
    red: true,
    source: TrackSource.SOURCE_MICROPHONE,
  });
  const publication = await room.localParticipant!.publishTrack(track, options);

  /**
   * Sends `pcm` so that its first sample leaves at `atEpochMs`; resolves when the last one is played out. Of a talk that
   * has begun already only the rest is said.
   */
  const talk = async (pcm: Int16Array, atEpochMs: number): Promise<Spoken> => {
    const startMs = performance.now() + (atEpochMs - Date.now());
    const spoken: Spoken = { firstFrameAtMs: 0, frames: 0, lateFrames: 0 };
    for (let at = 0; at < pcm.length; at += FRAME) {
      const dueMs = Math.max(startMs, startMs + (at * 1000) / SAMPLE_RATE - LEAD_MS);
      if (performance.now() < dueMs) await untilMonotonic(dueMs);
      if (spoken.frames === 0) spoken.firstFrameAtMs = Date.now();
      if (performance.now() > dueMs + FRAME_MS) spoken.lateFrames++;
      if (performance.now() > dueMs + TOO_LATE_MS) continue;
      // A subarray would hand over the wrong samples: the whole buffer behind it is sent.
      const samples = pcm.slice(at, at + FRAME);
      await source.captureFrame(new AudioFrame(samples, SAMPLE_RATE, 1, samples.length));
      spoken.frames++;
    }
    await source.waitForPlayout();
    return spoken;
  };

  const mute = (muted: boolean): void => {
    const client = (globalThis as { _ffiClientInstance?: NativeClient })._ffiClientInstance!;
    const value = { trackHandle: track.ffi_handle.handle, mute: muted };
    client.request({ message: { case: 'localTrackMute', value } });
  };

  const unpublish = (): Promise<void> => room.localParticipant!.unpublishTrack(publication.sid ?? '');

  return { trackSid: publication.sid ?? '', talk, mute, unpublish, close: () => track.close() };
};
