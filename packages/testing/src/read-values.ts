import type { AbsolutePath } from "@ozx/core";
import { type AsyncReadable, get, open, root } from "zarrita";

/**
 * All values of an array in C order, read by zarrita. For an array in F order zarrita returns `data` in F order, with
 * the matching `stride`.
 *
 * @param store a store of ozx or zarrita
 */
export async function readValues(
  store: AsyncReadable,
  path: AbsolutePath,
): Promise<{ shape: readonly number[]; values: unknown[] }> {
  const array = await open(root(store).resolve(path), { kind: "array" });
  const { data, stride } = await get(array);
  const elements = Array.from(data as Iterable<unknown>);
  const { shape } = array;
  if (isContiguous(shape, stride)) return { shape, values: elements };
  const values = elements.map((_, n) => {
    let rest = n;
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] ?? 1;
      at += (rest % extent) * (stride[axis] ?? 0);
      rest = Math.floor(rest / extent);
    }
    return elements[at];
  });
  return { shape, values };
}

function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (stride[axis] !== expected && shape[axis] !== 1) return false;
    expected *= shape[axis] ?? 1;
  }
  return true;
}
