import type { ReadOptions } from "@ozx/core";
import { createThrottle, readAhead } from "@ozx/core/container";
import { LOOKUPS_AT_ONCE } from "@ozx/virtual";
import type { PlaneRef } from "../layouts/layout.js";
import { planeBytesOf } from "../layouts/planes.js";
import { countSegments } from "../parse/page.js";
import type { SegmentReader } from "../read/segments.js";
import type { ArrayPlan } from "./array-plan.js";
import { pageOfPlane } from "./page-of-plane.js";

/** Byte counts that are read at once. */
const AT_ONCE = 8192;

/**
 * The bytes that the pixels of an array have in its files.
 *
 * @returns undefined where its chunks are the tiles or strips as they are
 * @throws as reading the pages does
 */
export async function storedBytes(
  { access, level, sizes }: ArrayPlan,
  segmentsOf: SegmentReader,
  options?: ReadOptions,
): Promise<number | undefined> {
  if (access === "stored") return undefined;
  const pause = createThrottle(options);
  const bytesIn = async (plane: PlaneRef): Promise<number> => {
    const { file } = plane;
    const page = await pageOfPlane(plane, options);
    if (page === undefined) return 0;
    const count = countSegments(page);
    let sum = 0;
    for (let from = 0; from < count; from += AT_ONCE) {
      const range = { from, to: Math.min(count, from + AT_ONCE) };
      const { offsets, bytes } = await segmentsOf.read(file, page, range, options);
      for (const [k, offset] of offsets.entries()) if (offset > 0) sum += bytes[k] ?? 0;
    }
    return sum;
  };
  let total = 0;
  /** Finds the bytes of planes for which something is read first; those of the others are added at once. */
  async function* lookups(): AsyncGenerator<() => Promise<number>> {
    for (let index = 0; index < sizes.t * sizes.c * sizes.z; index++) {
      const plane = level.planes.at(index, options);
      if (plane instanceof Promise) {
        yield async () => {
          const ref = await plane;
          if (ref === undefined) return 0;
          return ref.pixels === undefined ? bytesIn(ref) : planeBytesOf(level.page);
        };
      } else if (plane?.pixels !== undefined) total += planeBytesOf(level.page);
      else if (plane !== undefined) yield () => bytesIn(plane);
      const rest = pause();
      if (rest !== undefined) await rest;
    }
  }
  for await (const bytes of readAhead(lookups(), LOOKUPS_AT_ONCE, (lookup) => lookup())) total += bytes;
  return total;
}
