import type { AbsolutePath, Store } from "@ozx/core";
import { readValues } from "@ozx/testing";

/** Values of the part of an array between `start` and `stop`, which zarrita reads from the whole array. */
export async function part(
  store: Store,
  path: AbsolutePath,
  start: readonly number[],
  stop: readonly number[],
): Promise<unknown[]> {
  const { shape, values } = await readValues(store, path);
  return values.filter((_, n) => {
    let rest = n;
    let inside = true;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] ?? 1;
      const at = rest % extent;
      inside &&= at >= (start[axis] ?? 0) && at < (stop[axis] ?? extent);
      rest = Math.floor(rest / extent);
    }
    return inside;
  });
}
