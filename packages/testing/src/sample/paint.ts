import { bell, between, seededRandom, smoothField } from "./numbers.js";
import type { Cell, Tissue } from "./tissue.js";

/** The channels, in this order; a fourth one shows nuclei again. */
export const STAINS = [
  { label: "Nuclei", color: "3F7FFF" },
  { label: "Membrane", color: "FF3FA0" },
  { label: "Spots", color: "FFE040" },
] as const;

/** A plane of the tissue; `height` ranges from -1 (first plane) to 1 (last plane). */
interface PlaneQuery {
  readonly channel: number;
  readonly height: number;
  readonly seed: number;
}

/** Paints one plane of one channel: intensities of about 0 to 1, with camera noise. */
export function paintPlane(tissue: Tissue, query: PlaneQuery): Float32Array {
  const stain = query.channel % STAINS.length;
  const plane =
    stain === 2 ? paintSpots(tissue, query) : (stain === 0 ? paintNuclei : paintMembrane)(tissue, query);
  const random = seededRandom(query.seed, 100 + query.channel, Math.round(query.height * 1000));
  for (let i = 0; i < plane.length; i++) {
    const light = plane[i] ?? 0;
    plane[i] = Math.max(0, light + (0.008 + 0.022 * Math.sqrt(light)) * bell(random));
  }
  return plane;
}

/** The label of each pixel of a plane: the number of its cell, from 1; 0 between cells. */
export function paintLabels(tissue: Tissue, height: number): Uint32Array {
  const plane = new Uint32Array(tissue.owner.length);
  paintCells(tissue, (cell, { i, owner }) => {
    plane[i] = (tissue.distance[i] ?? 0) < radiusAt(cell, height) ? owner + 1 : 0;
  });
  return plane;
}

/** The radius of a cell at a height. Cells are domes, largest at the height of their centre. */
function radiusAt(cell: Cell, height: number): number {
  return cell.radius * Math.sqrt(Math.max(0, 1 - ((height - cell.z) / 1.5) ** 2));
}

function paintNuclei(tissue: Tissue, { height, seed }: PlaneQuery): Float32Array {
  const grain = grainOf(tissue, { seed, stain: 0, size: 0.09 });
  const plane = new Float32Array(tissue.owner.length);
  paintCells(tissue, (cell, { i, y, x }) => {
    const depth = nucleusDepth(cell, { y, x, height });
    const glow = 0.1 * clamp(1.6 - depth);
    plane[i] = 0.02 + cell.stain * (glow + clamp((1 - depth) * 5) * (0.5 + 0.45 * grain(y, x)));
  });
  return plane;
}

function paintMembrane(tissue: Tissue, { height, seed }: PlaneQuery): Float32Array {
  const grain = grainOf(tissue, { seed, stain: 1, size: 0.16 });
  const plane = new Float32Array(tissue.owner.length).fill(0.02);
  paintCells(tissue, (cell, { i, y, x }) => {
    const inward = radiusAt(cell, height) - (tissue.distance[i] ?? 0);
    if (inward <= 0) return;
    const edge = Math.min(inward, tissue.border[i] ?? 0) / (tissue.spacing * 0.09);
    const hollow = nucleusDepth(cell, { y, x, height }) < 1 ? 0.4 : 1;
    plane[i] = 0.04 + hollow * (0.14 + 0.18 * grain(y, x)) + 0.65 * cell.stain * clamp(1 - edge) ** 2;
  });
  return plane;
}

/** A pixel of a plane: its index, the cell that it is in, and where it is. */
interface Pixel {
  readonly i: number;
  readonly owner: number;
  readonly y: number;
  readonly x: number;
}

/** Calls a function for each pixel, which takes less time than `Float32Array.from` does. */
function paintCells(
  { owner: owners, cells, width }: Tissue,
  paint: (cell: Cell, pixel: Pixel) => void,
): void {
  for (let i = 0, y = 0; i < owners.length; y++) {
    for (let x = 0; x < width; x++, i++) {
      const owner = owners[i] ?? 0;
      const cell = cells[owner];
      if (cell !== undefined) paint(cell, { i, owner, y, x });
    }
  }
}

function grainOf(
  { height, width, spacing }: Tissue,
  { seed, stain, size }: { seed: number; stain: number; size: number },
): (y: number, x: number) => number {
  return smoothField(seededRandom(seed, 4 + stain), { height, width, cell: spacing * size });
}

function paintSpots(tissue: Tissue, { height, seed }: PlaneQuery): Float32Array {
  const { width, spacing } = tissue;
  const plane = new Float32Array(width * tissue.height).fill(0.02);
  tissue.cells.forEach((cell, index) => {
    const random = seededRandom(seed, 50, index);
    const count = Math.floor(between(random, 10, 32));
    for (let n = 0; n < count; n++) {
      const y = cell.y + between(random, -1, 1) * cell.radius;
      const x = cell.x + between(random, -1, 1) * cell.radius;
      const light = between(random, 0.5, 1.1) * clamp(1 - Math.abs(height - between(random, -1, 1)) / 1.2);
      const radius = Math.max(1.5, spacing * between(random, 0.035, 0.065));
      const at = Math.round(y) * width + Math.round(x);
      const isInCell = y >= 0 && x >= 0 && x < width - 1 && tissue.owner[at] === index;
      const outside = nucleusDepth(cell, { y, x, height }) > 1.05;
      if (isInCell && outside && (tissue.distance[at] ?? 0) < radiusAt(cell, height)) {
        splat(plane, tissue, { y, x, radius, light });
      }
    }
  });
  return plane;
}

function splat(
  plane: Float32Array,
  { height, width }: { height: number; width: number },
  { y, x, radius, light }: { y: number; x: number; radius: number; light: number },
): void {
  for (let row = Math.max(0, Math.ceil(y - radius)); row <= Math.min(height - 1, y + radius); row++) {
    for (
      let column = Math.max(0, Math.ceil(x - radius));
      column <= Math.min(width - 1, x + radius);
      column++
    ) {
      const squared = ((row - y) ** 2 + (column - x) ** 2) / radius ** 2;
      const i = row * width + column;
      plane[i] = (plane[i] ?? 0) + light * clamp(1 - squared) ** 2;
    }
  }
}

/** 0 at the centre of a cell's nucleus, 1 at its surface, greater outside. */
function nucleusDepth(cell: Cell, { y, x, height }: { y: number; x: number; height: number }): number {
  const dy = y - cell.y;
  const dx = x - cell.x;
  const along = (dy * cell.direction.y + dx * cell.direction.x) / cell.nucleus.long;
  const across = (dx * cell.direction.y - dy * cell.direction.x) / cell.nucleus.short;
  return Math.sqrt(along ** 2 + across ** 2 + ((height - cell.z) / 1.3) ** 2);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
