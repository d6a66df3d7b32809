import type { AbsolutePath } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { imageMetadata, smallImage } from "@ozx/testing";

type Json = { readonly [name: string]: unknown };

export interface TinyArray {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** Added to the position of each element in C order, so that arrays differ. */
  readonly start?: number;
  /** Members of `zarr.json` that replace the usual ones. */
  readonly document?: Json | undefined;
}

/** A store of groups and arrays by path; arrays are uint16, not compressed, and count up from `start`. */
export function tinyStore(groups: Record<AbsolutePath, Json>, arrays: Record<AbsolutePath, TinyArray> = {}) {
  return memoryStore(countingValues(groups, arrays), "tiny");
}

function countingValues(
  groups: Record<AbsolutePath, Json>,
  arrays: Record<AbsolutePath, TinyArray>,
): Map<AbsolutePath, Uint8Array> {
  const counting = Object.entries(arrays).map(([path, { start = 0, ...array }]) => [
    path,
    { ...array, valueAt: (index: number) => start + index },
  ]);
  return smallImage(groups, Object.fromEntries(counting));
}

/** A plate of two rows and three columns, with two fields of 2 × 4 × 4 pixels in each well. */
export function tinyPlate(): MemoryStore {
  return memoryStore(plateValues(), "tiny");
}

/** The keys and values of {@link tinyPlate}. */
export function plateValues(): Map<AbsolutePath, Uint8Array> {
  const wells = ["A/1", "A/2", "A/3", "B/1", "B/2", "B/3"];
  const groups: Record<AbsolutePath, Json> = {
    "/": {
      version: "0.5",
      plate: {
        name: "tiny",
        rows: [{ name: "A" }, { name: "B" }],
        columns: [{ name: "1" }, { name: "2" }, { name: "3" }],
        wells: wells.map((path, index) => ({
          path,
          rowIndex: Math.floor(index / 3),
          columnIndex: index % 3,
        })),
      },
    },
  };
  const arrays: Record<AbsolutePath, TinyArray> = {};
  for (const [index, well] of wells.entries()) {
    groups[`/${well}`] = { version: "0.5", well: { images: [{ path: "0" }, { path: "1" }] } };
    for (const field of [0, 1]) {
      groups[`/${well}/${field}`] = imageMetadata();
      const start = index * 1000 + field * 100;
      arrays[`/${well}/${field}/0`] = { shape: [2, 4, 4], chunks: [1, 3, 3], start };
    }
  }
  return countingValues(groups, arrays);
}

/** A store that records which keys are read. */
export function watched(store: MemoryStore): MemoryStore & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    ...store,
    asked,
    get(key, options) {
      asked.push(key);
      return store.get(key, options);
    },
    getRange(key, range, options) {
      asked.push(key);
      return store.getRange(key, range, options);
    },
  };
}
