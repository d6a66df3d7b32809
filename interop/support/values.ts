import type { AbsolutePath } from "@ozx/core";
import { readHierarchy } from "@ozx/core";
import * as zarr from "zarrita";
import { openStore } from "./archive-keys.js";

/** An array's values in the order of its axes, whatever the order in memory. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
}

/** The paths of all arrays below a folder or in an archive. */
export async function arrayPaths(path: string): Promise<AbsolutePath[]> {
  const store = await openStore(path);
  const { nodes } = await readHierarchy(store);
  await store.close();
  return [...nodes.values()].filter((node) => node.kind === "array").map((node) => node.path);
}

/** Reads an array with zarrita from any store that zarrita knows. */
export async function readValues(store: zarr.AsyncReadable, path: AbsolutePath): Promise<Values> {
  const array = await zarr.open(zarr.root(store).resolve(path), { kind: "array" });
  const { data, shape, stride } = await zarr.get(array);
  const values: unknown[] = [];
  const at = (offset: number): unknown => ("get" in data ? data.get(offset) : data[offset]);
  const walk = (axis: number, offset: number): void => {
    if (axis === shape.length) values.push(at(offset));
    else for (let i = 0; i < (shape[axis] ?? 0); i++) walk(axis + 1, offset + i * (stride[axis] ?? 0));
  };
  walk(0, 0);
  return { shape, values };
}
