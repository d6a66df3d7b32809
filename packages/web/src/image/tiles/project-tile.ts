import type { OpenLevel, PixelValues, ReadOptions } from "@ozx/core";
import { countElements, createProjection, toPixelBlock } from "@ozx/core/internal";
import type { Projection, Pyramid } from "./image-plane.js";

/** The most pixels that are read at once, and in how many reads, for one tile. */
const MAX_SLAB = 2 ** 22;
const MAX_READS = 4;

interface ProjectedTile {
  /** The tile, along all axes but the projected one. */
  readonly selection: Readonly<Record<string, number | readonly [number, number]>>;
  readonly projection: Projection;
  readonly roles: Pyramid["roles"];
}

/**
 * Reads the pixels of a tile as the projection of many planes, some planes at a time, row after row. What becomes of
 * them is the same as with `ozx convert --project`.
 *
 * @param first the largest level, of which the projection's range is
 */
export async function projectPixels(
  level: OpenLevel,
  first: OpenLevel,
  { selection, projection, roles }: ProjectedTile,
  options?: ReadOptions,
): Promise<PixelValues> {
  const axis = level.axes.findIndex(({ name }) => name === projection.axis);
  const [size, whole] = [level.shape[axis] ?? 1, first.shape[axis] ?? 1];
  const start = Math.min(size - 1, Math.floor((projection.range[0] * size) / whole));
  const end = Math.max(start + 1, Math.min(size, Math.ceil((projection.range[1] * size) / whole)));
  const kept = [roles.x, roles.y, axis].sort((a, b) => a - b);
  const extents = kept.map((at) => {
    const range = selection[level.axes[at]?.name ?? ""];
    return at === axis || typeof range !== "object" ? 1 : range[1] - range[0];
  });
  const { method } = projection;
  const dtype = level.dtype === "float16" ? "float32" : level.dtype;
  const sum = createProjection(dtype, {
    ...{ shape: extents, axes: [kept.indexOf(axis)], method, count: end - start },
  });
  const most = Math.max(1, Math.floor(MAX_SLAB / countElements(extents)));
  const slabs = slabsOf(start, end, level.chunks[axis] ?? 1, most);
  const readSlab = async (range: readonly [number, number]) =>
    toPixelBlock(await level.read({ ...selection, [projection.axis]: range }, options));
  for (let at = 0; at < slabs.length; at += MAX_READS) {
    for (const block of await Promise.all(slabs.slice(at, at + MAX_READS).map(readSlab))) sum.add(block);
  }
  const { data } = sum.result();
  if (roles.y < roles.x) return data;
  // Rows from columns, for images whose x is before their y.
  const [columns = 1, rows = 1] = [roles.x, roles.y].map((at) => extents[kept.indexOf(at)]);
  return toPixelBlock({ data, shape: [rows, columns], stride: [1, rows] }).data;
}

/** The ranges that are read: whole chunks, so that none is decoded twice, unless they are too large. */
function slabsOf(start: number, end: number, chunk: number, most: number): [number, number][] {
  const extent = Math.min(most, chunk);
  const ranges: [number, number][] = [];
  for (let next = start; next < end; ) {
    const stop = Math.min(end, (Math.floor(next / extent) + 1) * extent);
    ranges.push([next, stop]);
    next = stop;
  }
  return ranges;
}
