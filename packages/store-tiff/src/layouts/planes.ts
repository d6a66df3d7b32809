import type { ReadOptions } from "@ozx/core";
import type { PlaneSizes } from "@ozx/virtual";
import { dataTypeOf, type Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { PageTable } from "../read/page-table.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { ImageLevel, PlaneList, PlaneRef } from "./layout.js";

/** Pages of a file's main chain. */
export interface PageList {
  readonly file: TiffFile;
  readonly table: PageTable;
  /** A page like the others. */
  readonly page: Page;
  /** The number of the page for each plane; -1 where there is none. */
  readonly numbers: Int32Array;
}

/** Planes that are pages, in the order of `numbers`. */
export function pagePlanes({ file, table, page, numbers }: PageList): PlaneList {
  const planeBytes = page.width * page.height * page.samples * (page.bits / 8);
  const isPlain =
    page.compression === 1 && page.bits % 8 === 0 && page.fillOrder === 1 && !page.segments.tiled;
  const firstPage = table.offsets.indexOf(page.ifd.offset);
  const kind = firstPage < 0 ? -1 : table.kinds[firstPage];
  return {
    at(index) {
      const number = numbers[index] ?? -1;
      if (number < 0 || number >= table.count) return undefined;
      const ifd = table.offsets[number] as number;
      // One strip in a page like the first: nothing more has to be read to know where the pixels are.
      const isRun = isPlain && table.kinds[number] === kind && table.segmentBytes[number] === planeBytes;
      const start = isRun ? (table.segmentOffsets[number] as number) : 0;
      return { file, ifd, ...(start > 0 && { pixels: start }) };
    },
  };
}

/** Planes that follow one another without IFDs of their own, as ImageJ leaves them in files of more than 4 GiB. */
export function runPlanes(file: TiffFile, page: Page, start: number, count: number): PlaneList {
  const planeBytes = planeBytesOf(page);
  return {
    at: (index) =>
      index < count ? { file, ifd: page.ifd.offset, pixels: start + index * planeBytes } : undefined,
  };
}

/** Bytes of the pixels of an uncompressed page. */
export function planeBytesOf({ width, height, samples, bits }: Page): number {
  return Math.ceil((width * samples * bits) / 8) * height;
}

/** An axis of planes, by the letter of OME-Zarr. */
export type PlaneAxis = keyof PlaneSizes;

/**
 * Planes in the order t, c, z of planes in another order.
 *
 * @param order the axes of `list` from the one that changes fastest to the slowest, as in `["c", "z", "t"]`
 */
export function inOrder(list: PlaneList, sizes: PlaneSizes, order: readonly PlaneAxis[]): PlaneList {
  const strides = { t: 0, c: 0, z: 0 };
  let stride = 1;
  for (const axis of order) {
    strides[axis] = stride;
    stride *= sizes[axis];
  }
  return {
    at(index, options) {
      const z = index % sizes.z;
      const rest = (index - z) / sizes.z;
      const c = rest % sizes.c;
      const t = (rest - c) / sizes.c;
      return list.at(t * strides.t + c * strides.c + z * strides.z, options);
    },
  };
}

/** Numbers from 0 on. */
export function upTo(count: number): Int32Array {
  return new Int32Array(count).map((_, k) => k);
}

/**
 * The lower resolutions in the SubIFDs of pages (OME-TIFF 6, QuPath, bfconvert): those of a page of the full resolution
 * tell how many there are and how large.
 */
export async function subLevels(full: ImageLevel, options?: ReadOptions): Promise<ImageLevel[]> {
  const { file, page, planes } = full;
  const offsets = (await file.numbers(page.ifd, TAG.SubIFDs, options)) ?? [];
  const levels: ImageLevel[] = [];
  // A million levels of one page are a lie: each has half the pixels of the one before.
  for (const [sub, offset] of [...offsets.slice(0, 64)].entries()) {
    if (offset < 8) continue;
    const reduced = await file.page(offset, options);
    if (!isLowerResolution(reduced, levels.at(-1)?.page ?? page)) continue;
    const subOf = (plane: PlaneRef | undefined): PlaneRef | undefined =>
      plane && { file: plane.file, ifd: plane.ifd, sub };
    levels.push({
      file,
      page: reduced,
      isUniform: full.isUniform,
      planes: {
        at(index, options) {
          const plane = planes.at(index, options);
          return plane instanceof Promise ? plane.then(subOf) : subOf(plane);
        },
      },
    });
  }
  return levels;
}

/** Whether a page can be a level below another one. */
export function isLowerResolution(page: Page, above: Page): boolean {
  return (
    page.samples === above.samples &&
    page.planar === above.planar &&
    dataTypeOf(page) === dataTypeOf(above) &&
    page.width <= above.width &&
    page.height <= above.height &&
    page.width * page.height < above.width * above.height
  );
}
