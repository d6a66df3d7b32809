import type { PlaneSizes } from "@ozx/virtual";
import type { OmeImage } from "./ome-model.js";

/** Where the planes of an image are, in columns and in the order t, c, z. */
export interface PlacedPlanes {
  /** The number of each plane's page; -1 where it was never written. */
  readonly pages: Int32Array;
  /** The index of its file in the image's list; -1 for the file that has the XML. */
  readonly files: Int32Array;
  readonly missing: number;
}

/** The planes of one image: 16 times those of the largest image that is known, and what fits into memory. */
const MOST_PLANES = 16 * 1024 * 1024;

/**
 * Follows the TiffData elements of an image.
 *
 * A block with a number of planes continues in the image's dimension order. Without a number it is one plane if it says
 * where it starts in the file, and all of the file otherwise; a single block is always all (tifffile, Bio-Formats).
 *
 * @param sizes planes along each axis, where a plane of RGB counts once
 * @param pagesOf how many pages a file has, by its index
 * @returns the end of a sentence about the image where it has too many planes
 */
export function placePlanes(
  image: OmeImage,
  sizes: PlaneSizes,
  pagesOf: (file: number) => number | undefined,
): PlacedPlanes | string {
  const count = sizes.t * sizes.c * sizes.z;
  if (!(count <= MOST_PLANES))
    return `has ${count} planes, more than the ${MOST_PLANES} that fit into memory`;
  const pages = new Int32Array(count).fill(-1);
  const files = new Int32Array(count).fill(-1);
  const { blocks, order } = image;
  const base = firstIndices(image, sizes);
  const axes = [...order.slice(2).toLowerCase()].filter(
    (axis) => axis === "z" || axis === "c" || axis === "t",
  );
  for (let block = 0; block < blocks.count; block++) {
    const first = {
      z: (blocks.z[block] as number) - base.z,
      c: (blocks.c[block] as number) - base.c,
      t: (blocks.t[block] as number) - base.t,
    };
    const ifd = blocks.ifd[block] as number;
    const file = blocks.file[block] as number;
    const given = blocks.planes[block] as number;
    const inFile = pagesOf(file) ?? count;
    const all = Math.max(0, inFile - Math.max(0, ifd));
    const planes = given >= 0 ? given : ifd < 0 || blocks.count === 1 ? all : 1;
    let at = linearIndex(first, sizes, axes);
    if (at < 0) continue;
    for (let k = 0; k < planes && at < count; k++, at++) {
      const page = Math.max(0, ifd) + k;
      // What lies beyond the file was never written.
      if (page >= inFile) break;
      const index = planeIndex(at, sizes, axes);
      pages[index] = page;
      files[index] = file;
    }
  }
  let missing = 0;
  for (const page of pages) if (page < 0) missing++;
  return { pages, files, missing };
}

/** Some writers count from 1: then an index is as large as its axis. */
function firstIndices({ blocks }: OmeImage, sizes: PlaneSizes): PlaneSizes {
  const base = (list: readonly number[], size: number): number => {
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (const value of list) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return least === 1 && most === size ? 1 : 0;
  };
  return { z: base(blocks.z, sizes.z), c: base(blocks.c, sizes.c), t: base(blocks.t, sizes.t) };
}

/** The position in the dimension order; -1 outside of the image. */
function linearIndex(first: PlaneSizes, sizes: PlaneSizes, axes: readonly (keyof PlaneSizes)[]): number {
  let index = 0;
  let stride = 1;
  for (const axis of axes) {
    if (!(first[axis] >= 0 && first[axis] < sizes[axis])) return -1;
    index += first[axis] * stride;
    stride *= sizes[axis];
  }
  return index;
}

/** The position in the order t, c, z of one in the dimension order. */
function planeIndex(linear: number, sizes: PlaneSizes, axes: readonly (keyof PlaneSizes)[]): number {
  const at = { t: 0, c: 0, z: 0 };
  let rest = linear;
  for (const axis of axes) {
    at[axis] = rest % sizes[axis];
    rest = Math.floor(rest / sizes[axis]);
  }
  return (at.t * sizes.c + at.c) * sizes.z + at.z;
}
