import type { Finding, JsonObject, ReadOptions } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import type { PlaneSizes } from "@ozx/virtual";
import type { Page } from "../parse/page.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { ImageLevel, Layout, LayoutOptions, PlaneList } from "./layout.js";
import { inOrder, type PlaneAxis, pagePlanes, planeBytesOf, runPlanes, subLevels, upTo } from "./planes.js";
import { stackAxes } from "./stack-axes.js";

/**
 * A file by tifffile, whose description is JSON with the shape of an array and, where its writer said so, its axes.
 *
 * @returns undefined where the description is another one, or does not say what the pages are
 */
export async function shapedLayout(
  file: TiffFile,
  page: Page,
  description: string | undefined,
  options?: LayoutOptions,
): Promise<Layout | undefined> {
  const axes = shapedAxes(description, page);
  if (axes === undefined) return truncatedLayout(file, page, description, options);
  const sizes: PlaneSizes = { t: 1, c: 1, z: 1, ...Object.fromEntries(axes) };
  const count = sizes.t * sizes.c * sizes.z;
  const table = await file.pages(options);
  let pages = 0;
  while (pages < table.count && table.kinds[pages] === table.kinds[0]) pages++;
  // Several arrays in one file have a description each.
  if (pages !== table.count || (pages !== count && pages !== 1)) return undefined;
  const planes =
    pages === 1 && count > 1
      ? await planesBehind(file, page, count, options)
      : pagePlanes({ file, table, page, numbers: upTo(count) });
  if (planes === undefined) return undefined;
  const order = axes.map(([axis]) => axis).reverse();
  const full: ImageLevel = { file, page, isUniform: true, planes: inOrder(planes, sizes, order) };
  return {
    title: titleOf(file),
    images: [{ sizes, levels: [full, ...(await subLevels(full, options))] }],
    findings: [],
  };
}

/** A file with a single IFD whose shape is that of several planes, without a word of what they are. */
async function truncatedLayout(
  file: TiffFile,
  page: Page,
  description: string | undefined,
  options?: LayoutOptions,
): Promise<Layout | undefined> {
  const { shape } = parseShaped(description);
  if (!Array.isArray(shape) || (await file.pages(options)).count > 1) return undefined;
  const values = shape.reduce((product: number, size) => product * Number(size), 1);
  const count = values / (page.width * page.height * page.samples);
  if (!Number.isSafeInteger(count) || count < 2) return undefined;
  const planes = await planesBehind(file, page, count, options);
  if (planes === undefined) return undefined;
  const findings: Finding[] = [];
  const { sizes, order } = stackAxes({ name: file.name, count }, options?.axes, findings);
  return {
    title: titleOf(file),
    images: [{ sizes, levels: [{ file, page, isUniform: true, planes: inOrder(planes, sizes, order) }] }],
    findings,
    hasOpenAxes: true,
  };
}

function titleOf({ header }: TiffFile): string {
  return header.big ? "BigTIFF" : "TIFF";
}

/** Planes that follow that of the only page; undefined where they are compressed, or the file ends before. */
async function planesBehind(
  file: TiffFile,
  page: Page,
  count: number,
  options?: ReadOptions,
): Promise<PlaneList | undefined> {
  const start = (await file.numbers(page.ifd, page.segments.offsets.tag, options))?.[0] ?? 0;
  const isRun = page.compression === 1 && start + count * planeBytesOf(page) <= file.source.size;
  return isRun ? runPlanes(file, page, start, count) : undefined;
}

/** The axes of planes from the slowest to the fastest; undefined where one of them is not known. */
function shapedAxes(
  description: string | undefined,
  page: Page,
): readonly (readonly [PlaneAxis, number])[] | undefined {
  const { shape, axes } = parseShaped(description);
  if (!Array.isArray(shape) || typeof axes !== "string" || axes.length !== shape.length) return undefined;
  const named = [...axes.toLowerCase()].map((axis, k): [string, unknown] => [axis, shape[k]]);
  // Samples of a pixel lie within a page: after x, or before y where they are planar.
  const ofPlanes = named.filter(([axis, size]) => !"yxs".includes(axis) && size !== 1);
  const known = ofPlanes.flatMap(([axis, size]): [PlaneAxis, number][] =>
    (axis === "t" || axis === "c" || axis === "z") && Number.isSafeInteger(size) && Number(size) > 0
      ? [[axis, Number(size)]]
      : [],
  );
  const sizes = new Map(named);
  const isPage = sizes.get("y") === page.height && sizes.get("x") === page.width;
  const isUnique = new Set(known.map(([axis]) => axis)).size === ofPlanes.length;
  return known.length > 0 && isPage && isUnique ? known : undefined;
}

function parseShaped(description: string | undefined): JsonObject {
  if (!description?.startsWith("{")) return {};
  try {
    const json: unknown = JSON.parse(description);
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}
