/** Pseudonyms for raised hands, "Amber Finch": a stone, wood or weather, and a bird. They say nothing about anybody. */
const TINTS =
  `Amber Ash Aspen Autumn Azure Basalt Birch Bronze Cedar Chalk Cinder Clay Cloud Cobalt Copper Coral Crystal
Dawn Dusk Dune Ebony Ember Fern Flint Frost Garnet Ginger Granite Hazel Indigo Iris Ivory Jade Juniper Lemon Lilac
Linen Maple Marble Meadow Mint Misty Moss Ocean Olive Onyx Opal Pearl Pine Quartz Rain Ruby Russet Saffron Sage Sand
Silver Slate Summer Violet`.split(/\s+/);
const BIRDS =
  `Avocet Bittern Blackbird Bunting Bustard Chough Coot Cormorant Crane Cuckoo Curlew Dipper Dove Egret Eider
Falcon Fieldfare Finch Flamingo Gannet Godwit Goldcrest Goshawk Grebe Grouse Gull Harrier Heron Hoopoe Ibis Jackdaw Jay
Kestrel Kingfisher Kite Lapwing Lark Linnet Magpie Martin Merlin Nightingale Oriole Osprey Owl Partridge Pelican Petrel
Pipit Plover Puffin Quail Raven Redstart Robin Rook Sandpiper Shrike Siskin Snipe Sparrow Starling Stork Swallow Swan
Swift Teal Tern Thrush Warbler Wren`.split(/\s+/);

export const ALIAS_COUNT = TINTS.length * BIRDS.length;

const aliasAt = (index: number): string => `${TINTS[index % TINTS.length]} ${BIRDS[Math.floor(index / TINTS.length)]}`;

/**
 * A random alias that no hand in `taken` bears. `randomInt(n)` draws from 0 … n − 1. Of the few taken ones it takes
 * the next free neighbour; `taken` must be smaller than ALIAS_COUNT.
 */
export const freshAlias = (taken: ReadonlySet<string>, randomInt: (below: number) => number): string => {
  let index = randomInt(ALIAS_COUNT);
  while (taken.has(aliasAt(index))) index = (index + 1) % ALIAS_COUNT;
  return aliasAt(index);
};
