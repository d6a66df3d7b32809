import type { AbsolutePath, Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { imageMetadata, smallImage } from "@ozx/testing";

/** An image of one level of which few chunks are stored. */
export interface SparseImage {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** The values of the stored chunks, by their positions, as in `3,0`. */
  readonly stored?: Readonly<Record<string, (index: number) => number>>;
  readonly dataType?: "uint8" | "uint16";
  readonly fill?: unknown;
  readonly name?: string;
}

/** Axes of the last dimensions of an array, whose names are those of its spatial axes. */
const AXES = "tczyx";

/** @returns an image of Zarr v3 without compression and shards */
export function sparseImage({
  shape,
  chunks,
  stored = {},
  dataType = "uint8",
  fill = 0,
  name,
}: SparseImage): MemoryStore {
  const axes = AXES.slice(-shape.length);
  const document = { fill_value: fill, dimension_names: [...axes] };
  const values = smallImage({ "/": imageMetadata(axes) }, { "/0": { shape, chunks, dataType, document } });
  const Values = dataType === "uint8" ? Uint8Array : Uint16Array;
  const length = chunks.reduce((product, extent) => product * extent, 1);
  for (const [position, valueAt] of Object.entries(stored)) {
    const key: AbsolutePath = `/0/c/${position.replaceAll(",", "/")}`;
    values.set(key, new Uint8Array(Values.from({ length }, (_, index) => valueAt(index)).buffer));
  }
  return memoryStore(values, name);
}

/** The store, and how many values and parts of values were read from it, without documents. */
export function countingStore(store: MemoryStore): Store & { readonly reads: () => number } {
  let reads = 0;
  const count = (key: AbsolutePath): void => {
    if (!/\.json$|\/\.z\w+$/.test(key)) reads++;
  };
  const { readSync: _, ...rest } = store;
  return {
    ...rest,
    reads: () => reads,
    get(key, options) {
      count(key);
      return store.get(key, options);
    },
    getRange(key, range, options) {
      count(key);
      return store.getRange(key, range, options);
    },
  };
}
