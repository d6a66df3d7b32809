import type { AbsolutePath, Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { imageMetadata, smallImage } from "@ozx/testing";

/** An image of one level of which few chunks are stored. */
export interface SparseImage {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** The values of the stored chunks, by their positions, as in `3,0`. */
  readonly stored?: Readonly<Record<string, (index: number) => number>>;
  readonly dataType?: "uint8" | "float32";
  readonly fill?: unknown;
  readonly name?: string;
}

/** The names of axes; those of an array with fewer dimensions are the last ones. */
const AXES = "tczyx";

/** An image of Zarr v3, neither compressed nor in shards. */
export function sparseImage({ name, stored = {}, ...image }: SparseImage): MemoryStore {
  const { shape, chunks, dataType = "uint8", fill = 0 } = image;
  const axes = AXES.slice(-shape.length);
  const bytes = { name: "bytes", configuration: { endian: "little" } };
  const document = {
    data_type: dataType,
    codecs: [bytes],
    fill_value: fill,
    dimension_names: [...axes],
  };
  const values = smallImage({ "/": imageMetadata(axes) }, { "/0": { shape, chunks, document } });
  const length = chunks.reduce((product, extent) => product * extent, 1);
  for (const [position, valueAt] of Object.entries(stored)) {
    const key: AbsolutePath = `/0/c/${position.replaceAll(",", "/")}`;
    const pixels = Array.from({ length }, (_, index) => valueAt(index));
    const Values = dataType === "uint8" ? Uint8Array : Float32Array;
    values.set(key, new Uint8Array(new Values(pixels).buffer));
  }
  return memoryStore(values, name);
}

/** A store that counts how many chunks, or parts of shards, are read from it. */
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
