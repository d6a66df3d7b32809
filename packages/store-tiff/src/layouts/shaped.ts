import type { ReadOptions } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import type { PlaneSizes } from "@ozx/virtual";
import type { Page } from "../parse/page.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { Layout } from "./layout.js";
import { inOrder, type PlaneAxis, pagePlanes, planeBytesOf, runPlanes, upTo } from "./planes.js";

/**
 * A file by tifffile, whose description is JSON with the shape of an array and, where its writer said so, its axes.
 *
 * @returns undefined where the description is another one, or does not say what the pages are
 */
export async function shapedLayout(
  file: TiffFile,
  page: Page,
  description: string | undefined,
  options?: ReadOptions,
): Promise<Layout | undefined> {
  const axes = shapedAxes(description, page);
  if (axes === undefined) return undefined;
  const sizes: PlaneSizes = { t: 1, c: 1, z: 1, ...Object.fromEntries(axes) };
  const count = sizes.t * sizes.c * sizes.z;
  const table = await file.pages(options);
  let pages = 0;
  while (pages < table.count && table.kinds[pages] === table.kinds[0]) pages++;
  // Several arrays in one file have a description each.
  if (pages !== table.count || (pages !== count && pages !== 1)) return undefined;
  const start = (await file.numbers(page.ifd, page.segments.offsets.tag, options))?.[0] ?? 0;
  const isRun = pages === 1 && count > 1;
  if (isRun && (page.compression !== 1 || start + count * planeBytesOf(page) > file.source.size))
    return undefined;
  const planes = isRun
    ? runPlanes(file, page, start, count)
    : pagePlanes({ file, table, page, numbers: upTo(count) });
  const order = axes.map(([axis]) => axis).reverse();
  return {
    title: file.header.big ? "BigTIFF" : "TIFF",
    images: [{ sizes, levels: [{ file, page, isUniform: true, planes: inOrder(planes, sizes, order) }] }],
    findings: [],
  };
}

/** The axes of planes from the slowest to the fastest; undefined where one of them is not known. */
function shapedAxes(
  description: string | undefined,
  page: Page,
): readonly (readonly [PlaneAxis, number])[] | undefined {
  const json = description?.startsWith("{") ? parse(description) : undefined;
  const { shape, axes } = isJsonObject(json) ? json : {};
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
