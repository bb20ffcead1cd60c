import type { Database } from '../platform/db.ts';
import { randomUuid } from '../platform/ids.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import { isUniqueViolation } from '../platform/unique.ts';
import type { RoomPolicy } from './room.schema.ts';

export type Room = {
  id: string;
  slug: string;
  hostId: string;
  hostName: string;
  title: string;
  topic: string;
  policy: RoomPolicy;
  createdAt: Date;
  lastEpisodeSlug: string | null;
};
export type NewRoom = Pick<Room, 'slug' | 'hostId' | 'title' | 'topic' | 'policy'>;
export type RoomChange = { title?: string; topic?: string; policy?: Partial<RoomPolicy> };

const include = {
  host: { select: { name: true } },
  episodes: { where: { state: 'published' }, orderBy: { publishedAt: 'desc' }, take: 1, select: { slug: true } },
} as const satisfies Prisma.RoomInclude;

type Row = Prisma.RoomGetPayload<{ include: typeof include }>;

const toRoom = ({ host, episodes, ...row }: Row): Room => ({
  id: row.id,
  slug: row.slug,
  hostId: row.hostId,
  hostName: host.name,
  title: row.title,
  topic: row.topic,
  policy: {
    anonymousListening: row.anonymousListening,
    recordingArmed: row.recordingArmed,
    listed: row.listed,
    publishNumber: row.publishNumber,
  },
  createdAt: row.createdAt,
  lastEpisodeSlug: episodes[0]?.slug ?? null,
});

/** Rooms, each with its host's name and the address of its newest episode. */
export const roomsStore = ({ prisma }: Database) => ({
  /** Undefined when the slug is taken. */
  create: async ({ policy, ...room }: NewRoom): Promise<Room | undefined> => {
    try {
      return toRoom(await prisma.room.create({ data: { id: randomUuid(), ...room, ...policy }, include }));
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  },

  update: async (id: string, { policy, ...change }: RoomChange): Promise<Room> =>
    toRoom(await prisma.room.update({ where: { id }, data: { ...change, ...policy }, include })),

  bySlug: async (slug: string): Promise<Room | undefined> => {
    const row = await prisma.room.findUnique({ where: { slug }, include });
    return row ? toRoom(row) : undefined;
  },

  byIds: async (ids: readonly string[]): Promise<Room[]> =>
    (await prisma.room.findMany({ where: { id: { in: [...ids] } }, include })).map(toRoom),

  ofHost: async (hostId: string): Promise<Room[]> =>
    (await prisma.room.findMany({ where: { hostId }, include, orderBy: { createdAt: 'desc' } })).map(toRoom),

  /** At most `limit`, newest first. */
  listed: async (limit: number): Promise<Room[]> => {
    const where = { listed: true };
    return (await prisma.room.findMany({ where, include, orderBy: { createdAt: 'desc' }, take: limit })).map(toRoom);
  },
});
export type RoomsStore = ReturnType<typeof roomsStore>;
