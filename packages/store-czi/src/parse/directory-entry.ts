import { CziFault } from "./fault.js";
import { getInt64, readName, viewOf } from "./segment.js";

/** The dimensions besides X and Y: z, channel, time, rotation, scene, illumination, block, mosaic tile, phase, view. */
export const DIMENSIONS = ["Z", "C", "T", "R", "S", "I", "B", "M", "H", "V"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** One entry of the subblock directory (schema DV): a tile of a plane, at one resolution. */
export interface DirectoryEntry {
  /** Its index in the directory. */
  readonly index: number;
  /** The number of its pixel type, as in `PIXEL_TYPES`. */
  readonly pixelType: number;
  readonly compression: number;
  /** Where its subblock's segment starts. */
  readonly position: number;
  /** The number of the file that it is in; 0 for the first. */
  readonly part: number;
  /** In pixels of the full resolution, which may be negative. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** In the pixels that are stored. */
  readonly storedWidth: number;
  readonly storedHeight: number;
  /** Planes along a dimension, where it holds several, as line scans have them. */
  readonly several?: { readonly dimension: Dimension; readonly count: number } | undefined;
  /** Where it starts along the other dimensions that it has. */
  readonly start: Readonly<Partial<Record<Dimension, number>>>;
}

const FIXED = 32;
const DIMENSION = 20;
/** More than there are letters for. */
const MOST_DIMENSIONS = 64;
/** The shortest entry. */
export const SHORTEST_ENTRY = FIXED;
/** The longest entry. */
export const LONGEST_ENTRY = FIXED + MOST_DIMENSIONS * DIMENSION;

/**
 * The length of the entry at a position, in bytes.
 *
 * @returns undefined where the bytes end before it is known
 * @throws CziFault
 */
export function entryLength(bytes: Uint8Array, at: number): number | undefined {
  if (at + FIXED > bytes.length) return undefined;
  const schema = readName(bytes.subarray(at, at + 2));
  if (schema !== "DV") throw new CziFault(`has a subblock of the schema ${JSON.stringify(schema)}`);
  const count = viewOf(bytes).getInt32(at + 28, true);
  if (count < 0 || count > MOST_DIMENSIONS) throw new CziFault(`has a subblock of ${count} dimensions`);
  return FIXED + count * DIMENSION;
}

/**
 * Parses an entry, all of which is in the bytes.
 *
 * @param index of the entry in the directory
 * @throws CziFault
 */
export function parseEntry(bytes: Uint8Array, at: number, index: number): DirectoryEntry {
  const view = viewOf(bytes);
  const count = view.getInt32(at + 28, true);
  const start: Partial<Record<Dimension, number>> = {};
  let [x, y] = [0, 0];
  let [width, height, storedWidth, storedHeight] = [0, 0, 0, 0];
  let several: DirectoryEntry["several"];
  for (let k = 0; k < count; k++) {
    const dimension = at + FIXED + k * DIMENSION;
    const name = nameAt(view, dimension);
    const from = view.getInt32(dimension + 4, true);
    const size = view.getInt32(dimension + 8, true);
    const stored = view.getInt32(dimension + 16, true);
    if (name === "X") {
      [x, width] = [from, size];
      // Some writers leave the stored size 0.
      storedWidth = stored === 0 ? size : stored;
    } else if (name === "Y") {
      [y, height] = [from, size];
      storedHeight = stored === 0 ? size : stored;
    } else if (isDimension(name)) {
      if (size > 1) several = { dimension: name, count: size };
      start[name] = from;
    } else
      throw new CziFault(`has a subblock with the dimension ${JSON.stringify(name)}, which is not known`);
  }
  if (width < 1 || height < 1 || storedWidth < 1 || storedHeight < 1) {
    throw new CziFault(
      `has a subblock of ${width} × ${height} pixels, ${storedWidth} × ${storedHeight} of them stored`,
    );
  }
  return {
    index,
    pixelType: view.getInt32(at + 2, true),
    position: getInt64(view, at + 6),
    part: view.getInt32(at + 14, true),
    compression: view.getInt32(at + 18, true),
    x,
    y,
    width,
    height,
    storedWidth,
    storedHeight,
    several,
    start,
  };
}

/** A name of up to four letters, most of which are one. */
function nameAt(view: DataView, at: number): string {
  const first = view.getUint8(at);
  if (view.getUint8(at + 1) === 0) return String.fromCharCode(first);
  return readName(new Uint8Array(view.buffer, view.byteOffset + at, 4));
}

function isDimension(name: string): name is Dimension {
  return DIMENSIONS.some((one) => one === name);
}
