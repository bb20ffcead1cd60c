/**
 * Covers are drawn from the title alone: its hash picks one of four palettes and one of four arcades, and which opening
 * is lit. All hues lie within 25–330°, so that no cover looks like the red light. Units: a square of 400.
 */

/** Roles of the colours in every arcade. */
type Palette = { sky: string; haze: string; wall: string; stone: string; hollow: string; ground: string; lamp: string };

const PALETTES: readonly Palette[] = [
  {
    sky: '#2E4A4B',
    haze: '#4C6A5F',
    wall: '#D79B4B',
    stone: '#A66B2E',
    hollow: '#2A1B22',
    ground: '#E9CE9C',
    lamp: '#FFD690',
  },
  {
    sky: '#4F3D63',
    haze: '#7B6288',
    wall: '#8C7397',
    stone: '#644F74',
    hollow: '#191225',
    ground: '#4A3563',
    lamp: '#FFC873',
  },
  {
    sky: '#1C3B52',
    haze: '#39637A',
    wall: '#C9C2A6',
    stone: '#948D76',
    hollow: '#152433',
    ground: '#DAD2B4',
    lamp: '#FFDF9F',
  },
  {
    sky: '#39402A',
    haze: '#6A6D3F',
    wall: '#E4D3A8',
    stone: '#B39F70',
    hollow: '#23261A',
    ground: '#C9BB86',
    lamp: '#FFCF7A',
  },
];

/** FNV-1a, 32 bit (Fowler, Noll, Vo). */
export const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
};

/** mulberry32 (Tommy Ettinger, public domain): numbers in [0, 1) from a 32-bit seed. */
export const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const rect = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`;
const path = (d: string, fill: string, opacity = 1): string =>
  `<path d="${d}" fill="${fill}"${opacity < 1 ? ` opacity="${opacity}"` : ''}/>`;

/** A round arch from `left` to `right` whose crown touches `top`, standing on `foot`. */
const arch = (left: number, right: number, top: number, foot: number): string => {
  const radius = (right - left) / 2;
  return `M${left} ${foot}V${top + radius}A${radius} ${radius} 0 0 1 ${right} ${top + radius}V${foot}Z`;
};

type Arcade = (colours: Palette, random: () => number) => string;

const oneOf = (random: () => number, count: number): number => Math.floor(random() * count);

/** Three arches in a row, seen from the square. */
const frontal: Arcade = (c, random) => {
  const lit = oneOf(random, 3);
  const bay = (index: number): string => {
    const left = 24 + index * 124;
    const inside = index === lit ? c.lamp : c.hollow;
    const light = path(`M${left + 16} 326H${left + 104}L${left + 58} 400H${left - 74}Z`, c.lamp, 0.75);
    const shade = path(`M${left + 104} 326h20l-62 74h-20Z`, c.stone, 0.5);
    return (
      path(arch(left, left + 104, 136, 326), c.stone) +
      path(arch(left + 16, left + 104, 146, 326), inside) +
      (index === lit ? light : shade)
    );
  };
  const wall = rect(0, 70, 400, 40, c.haze) + rect(0, 96, 400, 230, c.wall) + rect(0, 96, 400, 10, c.stone);
  return rect(0, 0, 400, 400, c.sky) + wall + rect(0, 326, 400, 74, c.ground) + [0, 1, 2].map(bay).join('');
};

/** Arch within arch, a light at the far end. */
const enfilade: Arcade = (c, random) => {
  const depth = 4 + oneOf(random, 2);
  const fills = [c.stone, c.hollow, c.stone, c.wall, c.ground];
  const rings = Array.from({ length: depth }, (_, index) => {
    const half = 160 - index * (132 / (depth - 1));
    return path(arch(200 - half, 200 + half, 36 + index * 32, 400 - index * 14), fills[index] ?? c.ground);
  });
  const foot = 400 - depth * 14;
  const light = path(arch(180, 220, foot - 118, foot), c.lamp) + path(`M180 ${foot}H220L300 400H100Z`, c.lamp, 0.55);
  return rect(0, 0, 400, 400, c.wall) + rings.join('') + light;
};

/** An arcade running away down a street. */
const street: Arcade = (c, random) => {
  const lit = oneOf(random, 3);
  const top = (x: number): number => 40 + x * 0.36;
  const foot = (x: number): number => 372 - x * 0.26;
  const bay = (index: number): string => {
    const left = 12 + 88 * ((1 - 0.76 ** index) / 0.24);
    const right = left + 74 * 0.76 ** index;
    const rise = (x: number): number => top(x) + (foot(x) - top(x)) * 0.25;
    const middle = (left + right) / 2;
    const crown = rise(middle) - (right - left) * 0.62;
    const opening = `M${left} ${foot(left)}V${rise(left)}C${left} ${crown} ${right} ${crown} ${right} ${rise(right)}V${foot(right)}Z`;
    const light = path(`M${left} ${foot(left)}L${right} ${foot(right)}L${right + 120} 400H${left + 50}Z`, c.lamp, 0.7);
    return index === lit ? path(opening, c.lamp) + light : path(opening, c.hollow);
  };
  const house = path('M0 40L300 148V294L0 372Z', c.wall) + path('M300 148l16 4V291l-16 3Z', c.stone);
  const moon = `<circle cx="342" cy="92" r="24" fill="${c.lamp}"/>`;
  const shade = path('M0 372L300 294L400 340V400H0Z', c.stone, 0.6);
  const back = rect(0, 0, 400, 400, c.sky) + rect(0, 150, 400, 120, c.haze) + moon + rect(0, 268, 400, 132, c.ground);
  return back + house + shade + [0, 1, 2, 3].map(bay).join('');
};

/** One great opening onto a landscape with a small lit house. */
const window: Arcade = (c, random) => {
  const sun = 150 + oneOf(random, 100);
  const house = 110 + oneOf(random, 150);
  const view = [
    rect(0, 0, 400, 400, c.sky),
    rect(0, 196, 400, 70, c.haze),
    `<circle cx="${sun}" cy="176" r="38" fill="${c.lamp}"/>`,
    rect(0, 262, 400, 120, c.ground),
    path(`M${house} 262v-46h44v46Z`, c.hollow),
    path(arch(house + 15, house + 29, 236, 262), c.lamp),
    path(`M${house} 262h44L${house - 66} 350H${house - 166}Z`, c.stone, 0.7),
  ].join('');
  const clip = `<clipPath id="opening"><path d="${arch(92, 328, 56, 350)}"/></clipPath>`;
  const wall = rect(0, 0, 400, 400, c.wall) + rect(0, 350, 400, 50, c.stone) + path(arch(72, 328, 44, 350), c.stone);
  return `${wall}${clip}<g clip-path="url(#opening)">${view}</g>${path('M92 350H328L400 400H60Z', c.lamp, 0.35)}`;
};

const ARCADES: readonly Arcade[] = [frontal, enfilade, street, window];

/** The cover of `title` as an SVG document of `size` pixels; the same title always gives the same picture. */
export const drawCover = (title: string, size: number): string => {
  const random = mulberry32(fnv1a(title));
  const colours = PALETTES[oneOf(random, PALETTES.length)]!;
  const arcade = ARCADES[oneOf(random, ARCADES.length)]!;
  const drawing = arcade(colours, random);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 400 400">${drawing}</svg>`;
};
