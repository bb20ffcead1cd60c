import { expect, it } from 'vitest';
import type { LiveSeat, Verdict } from './admission.ts';
import { grantsFor } from './grants.ts';
import type { MediaParticipant, MediaRole } from './port.ts';
import type { Books } from './reconcile.ts';
import { reconcile } from './reconcile.ts';

const LIVE = 'session';
const silent = { info: () => {}, warn: () => {}, error: () => {} } as never;

const participantOf = (role: MediaRole, identity: string, sid: string, mayPublish = true): MediaParticipant => {
  const { hidden, recorder, agent, canPublish, canPublishData, canSubscribe } = grantsFor(role, LIVE, { mayPublish });
  const flags = { hidden, recorder, agent, canPublish, canPublishData, canSubscribe };
  return { identity, sid, connected: true, ...flags, tracks: [] };
};

const world = (settleMs = 0) => {
  const state = {
    live: new Set([LIVE]),
    rooms: new Set([LIVE]),
    participants: [] as MediaParticipant[],
    unseen: new Set<string>(),
    admitted: new Map<string, Verdict>(),
    sids: new Map<string, string>(),
    closing: new Set<string>(),
    removed: [] as string[],
    disconnected: [] as string[],
    ended: new Set<string>(),
    askedAbout: [] as string[],
    granted: [] as boolean[],
    books: [] as Books[],
  };
  const { lookIntoAll, watchRooms } = reconcile({
    media: {
      listParticipants: async (id) => {
        if (state.unseen.has(id)) throw new Error('gone');
        return state.participants;
      },
      listRooms: async () => [...state.rooms],
      openRoom: async (id) => void state.rooms.add(id),
      closeRoom: async (id) => void state.rooms.delete(id),
      applyGrant: async ({ mayPublish }) => void state.granted.push(mayPublish),
      remove: async (_id, identity) => void state.removed.push(identity),
    },
    registry: {
      byId: (id) => (state.live.has(id) ? { liveSessionId: id } : undefined),
      all: () => [...state.live].map((liveSessionId) => ({ liveSessionId })),
    },
    admission: { check: ({ identity }) => state.admitted.get(identity) ?? { ok: false } },
    gateway: {
      sidOf: (identity) => state.sids.get(identity),
      disconnect: (identity) => void state.disconnected.push(identity),
    },
    closing: state.closing,
    endedAmong: async (ids) => {
      state.askedAbout.push(...ids);
      return ids.filter((id) => state.ended.has(id));
    },
    onBooks: (books) => void state.books.push(books),
    log: silent,
    settleMs,
  });
  const seat = (facts: Partial<LiveSeat> = {}): void => {
    const given: LiveSeat = { seatId: '1', role: 'speaker', liveSessionId: LIVE, mayPublish: true, ...facts };
    state.admitted.set('s_1', { ok: true, role: given.role, mayPublish: given.mayPublish, seat: given });
  };
  return { ...state, state, seat, lookIntoAll, watchRooms };
};

it('whoever is not admitted is cut off at the gateway and removed at the first look', async () => {
  const { state, lookIntoAll, removed, disconnected, books } = world();
  state.participants = [participantOf('anonymous', 'stranger', 'PA_1')];
  await lookIntoAll();
  expect(removed).toEqual(['stranger']);
  expect(disconnected).toEqual(['stranger']);
  expect(books).toEqual([{ liveSessionId: LIVE, listeners: 0, balanced: false, participants: [] }]);
});

it('the audience is counted, the stage and the recorder are not', async () => {
  const { state, admitted, seat, sids, lookIntoAll, removed, books } = world();
  seat();
  sids.set('s_1', 'PA_1');
  for (const role of ['anonymous', 'listener', 'recorder'] as const)
    admitted.set(role, { ok: true, role, mayPublish: false });
  state.participants = [
    participantOf('speaker', 's_1', 'PA_1'),
    ...(['anonymous', 'listener', 'recorder'] as const).map((role) => participantOf(role, role, `PA_${role}`)),
  ];
  await lookIntoAll();
  expect(removed).toEqual([]);
  expect(books[0]).toMatchObject({ listeners: 2, balanced: true });
  expect(books[0]?.participants).toHaveLength(4);
});

it('a seat on another connection than the one let through is removed at the second look, not shown at the first', async () => {
  for (const known of ['gateway', 'stage', 'nobody']) {
    const { state, seat, sids, lookIntoAll, removed, books } = world();
    seat(known === 'stage' ? { participantSid: 'PA_1' } : {});
    if (known === 'gateway') sids.set('s_1', 'PA_1');
    state.participants = [participantOf('speaker', 's_1', 'PA_2')];
    await lookIntoAll();
    expect(removed, known).toEqual([]);
    expect(books[0]?.participants, known).toEqual([]);
    await lookIntoAll();
    expect(removed, known).toEqual(['s_1']);
  }
});

it('a connection that is noted a moment after LiveKit lists it stays', async () => {
  const { state, seat, sids, lookIntoAll, removed } = world();
  seat({ participantSid: 'PA_1' });
  sids.set('s_1', 'PA_1');
  state.participants = [participantOf('speaker', 's_1', 'PA_2')];
  await lookIntoAll();
  sids.set('s_1', 'PA_2');
  await lookIntoAll();
  await lookIntoAll();
  expect(removed).toEqual([]);
});

it('after a start a seat of which nothing is known has time to resume', async () => {
  const { state, seat, lookIntoAll, removed } = world(60_000);
  seat();
  state.participants = [participantOf('speaker', 's_1', 'PA_2')];
  for (let look = 0; look < 3; look += 1) await lookIntoAll();
  expect(removed).toEqual([]);
});

it('a right that LiveKit has missed is mended, one that agrees is left alone', async () => {
  const { state, seat, sids, lookIntoAll, granted, removed } = world();
  sids.set('s_1', 'PA_1');
  state.participants = [participantOf('speaker', 's_1', 'PA_1', true)];
  seat({ mayPublish: true });
  await lookIntoAll();
  seat({ mayPublish: false });
  await lookIntoAll();
  expect(granted).toEqual([false]);
  expect(removed).toEqual([]);
});

it('one room that cannot be seen does not hide the others', async () => {
  const { live, unseen, lookIntoAll, books } = world();
  live.add('other');
  unseen.add(LIVE);
  await expect(lookIntoAll()).rejects.toThrow('gone');
  expect(books.map(({ liveSessionId }) => liveSessionId)).toEqual(['other']);
});

it('a room that LiveKit has forgotten is opened again, one that is being closed is not, and is closed until it is gone', async () => {
  const { live, rooms, closing, watchRooms } = world();
  rooms.clear();
  await watchRooms();
  expect([...rooms]).toEqual([LIVE]);
  closing.add(LIVE);
  await watchRooms();
  await watchRooms();
  expect([...rooms]).toEqual([]);
  live.clear();
  await watchRooms();
  expect([...closing]).toEqual([]);
});

it('the room of a live session whose end was lost is closed; rooms of others are asked about once and left alone', async () => {
  const { rooms, ended, askedAbout, watchRooms } = world();
  rooms.add('over').add('of another house');
  ended.add('over');
  await watchRooms();
  await watchRooms();
  await watchRooms();
  expect([...rooms]).toEqual([LIVE, 'of another house']);
  expect(askedAbout).toEqual(['over', 'of another house']);
});
