import { expect, it } from 'vitest';
import { recordingUpkeep } from './recording-upkeep.ts';
import { openRecordings } from './open-recordings.ts';
import type { Recording } from './takes.store.ts';

const recording = (id: string): Recording => ({
  ...{ id, liveSessionId: `live-${id}`, state: 'open', identity: '', name: null, createdAt: new Date(0), takes: [] },
});

it('after a start a capture that does not come back keeps no other room waiting', async () => {
  const adopted: string[] = [];
  const third = Promise.withResolvers<void>();
  const adopt = async ({ id }: Recording): Promise<void> => {
    adopted.push(id);
    if (id === '3') third.resolve();
    if (id === '1') await new Promise<never>(() => {});
  };
  const upkeep = recordingUpkeep({
    takes: { openRecordings: async () => ['1', '2', '3'].map(recording) },
    open: openRecordings(),
    runner: { adopt },
    registry: { all: () => [], byId: () => ({}) },
    render: { ensureMaster: async () => {} },
  } as unknown as Parameters<typeof recordingUpkeep>[0]);
  void upkeep.settle();
  await third.promise;
  expect(adopted).toEqual(['1', '2', '3']);
});
