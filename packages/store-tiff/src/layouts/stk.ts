import type { Finding, ReadOptions } from "@ozx/core";
import { entryOf, type TagEntry } from "../parse/ifd.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { Layout, LayoutOptions } from "./layout.js";
import { inOrder, planeBytesOf, runPlanes } from "./planes.js";
import { stackAxes } from "./stack-axes.js";

/** More planes than a stack of 4 GiB can have. */
const MOST_PLANES = 1024 * 1024;
/** What UIC2 has for each plane: a distance as a rational, then the day and time of its creation and modification. */
const BYTES_OF_PLANE = 24;

/**
 * A MetaMorph stack: its planes follow one another, and UIC2 has a row for each.
 *
 * @returns undefined for other files
 */
export async function stkLayout(
  file: TiffFile,
  page: Page,
  options?: LayoutOptions,
): Promise<Layout | undefined> {
  const uic2 = entryOf(page.ifd, TAG.UIC2);
  if (uic2 === undefined || uic2.count < 2) return undefined;
  const { count } = uic2;
  const { segments, compression } = page;
  const isRun = segments.offsets.count === segments.down && !segments.tiled && compression === 1;
  const start = (await file.numbers(page.ifd, segments.offsets.tag, options))?.[0] ?? 0;
  if (count > MOST_PLANES || !isRun || start + count * planeBytesOf(page) > file.source.size) {
    throw file.fault(`should have ${count} planes after one another (MetaMorph), and has not`);
  }
  const findings: Finding[] = [];
  const axis = await planeAxis(file, uic2, options);
  const { sizes, order } =
    axis === undefined
      ? stackAxes({ name: file.name, count }, options?.axes, findings)
      : { sizes: { t: 1, c: 1, z: 1, [axis]: count }, order: [axis] };
  const planes = inOrder(runPlanes(file, page, start, count), sizes, order);
  return {
    title: "MetaMorph stack",
    images: [{ sizes, levels: [{ file, page, isUniform: true, planes }] }],
    findings,
    hasOpenAxes: axis === undefined,
  };
}

/** z where all planes have a distance, t where each was created at another time. */
async function planeAxis(
  file: TiffFile,
  uic2: TagEntry,
  options?: ReadOptions,
): Promise<"z" | "t" | undefined> {
  const length = uic2.count * BYTES_OF_PLANE;
  if (uic2.at + length > file.source.size) return undefined;
  const bytes = await file.bytes({ ...uic2, length }, options);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const number = (plane: number, field: number): number =>
    view.getUint32(plane * BYTES_OF_PLANE + 4 * field, file.header.littleEndian);
  const planes = Array.from({ length: uic2.count }, (_, k) => k);
  if (planes.every((k) => number(k, 0) !== 0)) return "z";
  const isLater = (k: number): boolean =>
    k === 0 || number(k, 2) !== number(k - 1, 2) || number(k, 3) !== number(k - 1, 3);
  return planes.every(isLater) ? "t" : undefined;
}
