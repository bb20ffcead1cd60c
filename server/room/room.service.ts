import type { HostActor, VisitActor } from '../people/actor.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from './live-registry.ts';
import type { CoarseNumber, RoomCard, RoomPolicy, RoomView } from './room.schema.ts';
import type { Room, RoomChange, RoomsStore } from './rooms.store.ts';
import { slugFromTitle, slugVariant } from './slug.ts';

/** What the stage knows of a live session and the public card shows. */
export type LiveFacts = { listeners: CoarseNumber | null; speakers: string[]; recording: boolean };

type Deps = {
  rooms: RoomsStore;
  registry: LiveRegistry;
  publicUrl: string;
  liveFacts: (liveSessionId: string) => LiveFacts;
  /** Told after a live room's title, topic or policy has changed. */
  onChanged: readonly ((entry: LiveEntry) => Promise<void> | void)[];
};

export type NewRoomOrder = { title: string; topic: string; slug?: string; policy: Partial<RoomPolicy> };

const defaultPolicy: RoomPolicy = { anonymousListening: true, recordingArmed: true, listed: true, publishNumber: true };
const slugAttempts = 15;
const cardLimit = 100;

const publicFacts = (facts: LiveFacts, policy: RoomPolicy): LiveFacts =>
  policy.publishNumber ? facts : { ...facts, listeners: null };

/** Rooms as their hosts and the public see them. */
export const roomService = ({ rooms, registry, publicUrl, liveFacts, onChanged }: Deps) => {
  const toView = (room: Room): RoomView => {
    const live = registry.bySlug(room.slug);
    return {
      id: room.id,
      slug: room.slug,
      title: room.title,
      topic: room.topic,
      policy: room.policy,
      url: `${publicUrl}/r/${room.slug}`,
      feedUrl: `${publicUrl}/r/${room.slug}/feed.xml`,
      createdAt: room.createdAt.toISOString(),
      liveSession: live ? { id: live.liveSessionId, startedAt: live.startedAt.toISOString() } : null,
    };
  };

  const toCard = ({ slug, title, topic, hostName, policy, lastEpisodeSlug }: Room): RoomCard => {
    const live = registry.bySlug(slug);
    const facts = live && liveFacts(live.liveSessionId);
    return {
      slug,
      title,
      topic,
      hostName,
      policy,
      live: live && facts ? { startedAt: live.startedAt.toISOString(), ...publicFacts(facts, policy) } : null,
      lastEpisodeSlug,
    };
  };

  /** The host's own room. Throws `not-found`, or `not-allowed` for somebody else's. */
  const ownRoom = async (host: HostActor, slug: string): Promise<Room> => {
    const room = await rooms.bySlug(slug);
    if (!room) throw new Problem('not-found');
    if (room.hostId !== host.hostId) throw new Problem('not-allowed');
    return room;
  };

  const createUnderFreeSlug = async (base: string, room: Omit<Parameters<RoomsStore['create']>[0], 'slug'>) => {
    for (let attempt = 0; attempt < slugAttempts; attempt += 1) {
      const created = await rooms.create({ ...room, slug: slugVariant(base, attempt) });
      if (created) return created;
    }
    throw new Problem('slug-taken');
  };

  const changeRoom = async (roomId: string, change: RoomChange): Promise<Room> => {
    const room = await rooms.update(roomId, change);
    const live = registry.bySlug(room.slug);
    if (live) {
      const entry = { ...live, title: room.title, topic: room.topic, policy: room.policy };
      registry.put(entry);
      for (const tell of onChanged) await tell(entry);
    }
    return room;
  };

  return {
    ownRoom,

    /** A slug asked for is taken or refused (`slug-taken`); one made from the title gives way to its neighbours. */
    create: async (host: HostActor, { slug, title, topic, policy }: NewRoomOrder): Promise<RoomView> => {
      const room = { hostId: host.hostId, title, topic, policy: { ...defaultPolicy, ...policy } };
      if (!slug) return toView(await createUnderFreeSlug(slugFromTitle(title), room));
      const created = await rooms.create({ ...room, slug });
      if (!created) throw new Problem('slug-taken');
      return toView(created);
    },

    /** A live room's new policy gates new tickets; it throws nobody out. */
    update: async (host: HostActor, slug: string, change: RoomChange): Promise<RoomView> =>
      toView(await changeRoom((await ownRoom(host, slug)).id, change)),

    /** From now on the live room may be recorded. */
    arm: async ({ roomId }: LiveEntry): Promise<void> => {
      await changeRoom(roomId, { policy: { recordingArmed: true } });
    },

    listOf: async (host: HostActor): Promise<RoomView[]> => (await rooms.ofHost(host.hostId)).map(toView),

    card: async (slug: string): Promise<RoomCard> => {
      const room = await rooms.bySlug(slug);
      if (!room) throw new Problem('not-found');
      return toCard(room);
    },

    /** Listed rooms, live ones first, then the newest. */
    cards: async (): Promise<RoomCard[]> => {
      const liveIds = registry.all().filter(({ policy }) => policy.listed);
      const live = await rooms.byIds(liveIds.map(({ roomId }) => roomId));
      const others = (await rooms.listed(cardLimit)).filter(({ slug }) => !registry.bySlug(slug));
      return [...live, ...others].slice(0, cardLimit).map(toCard);
    },

    /**
     * The live session of a room that this actor is inside of, or hosts. Throws `room-not-live`, or `not-allowed`
     * for a visit to another live session and for another host's room.
     */
    liveSessionFor: (actor: HostActor | VisitActor, slug: string): LiveEntry => {
      const entry = registry.bySlug(slug);
      if (!entry) throw new Problem('room-not-live');
      const isInside =
        actor.kind === 'host' ? entry.hostId === actor.hostId : entry.liveSessionId === actor.liveSessionId;
      if (!isInside) throw new Problem('not-allowed');
      return entry;
    },
  };
};
export type RoomService = ReturnType<typeof roomService>;
