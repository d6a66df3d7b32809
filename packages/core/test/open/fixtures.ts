import type { AbsolutePath } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";

type Json = { readonly [name: string]: unknown };

export interface TinyArray {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** Added to the position of each element in C order, so that arrays differ. */
  readonly start?: number;
  /** Members of `zarr.json` that replace the usual ones. */
  readonly document?: Json | undefined;
}

/** A store of documents and arrays by path; arrays are uint16, not compressed, and count up from `start`. */
export function tinyStore(groups: Record<AbsolutePath, Json>, arrays: Record<AbsolutePath, TinyArray> = {}) {
  const values = new Map<AbsolutePath, Uint8Array>();
  for (const [path, ome] of Object.entries(groups)) {
    values.set(below(path, "zarr.json"), json({ zarr_format: 3, node_type: "group", attributes: { ome } }));
  }
  for (const [path, array] of Object.entries(arrays)) {
    values.set(below(path, "zarr.json"), json(arrayDocument(array)));
    for (const [key, bytes] of chunksOf(array)) values.set(below(path, key), bytes);
  }
  return memoryStore(values, "tiny");
}

/** The metadata of an image with the given axes and levels, each half the size of the one before. */
export function imageMetadata(axes = "cyx", paths: readonly string[] = ["0"], name?: string): Json {
  const type = (axis: string): string => ({ t: "time", c: "channel" })[axis] ?? "space";
  return {
    version: "0.5",
    multiscales: [
      {
        ...(name && { name }),
        axes: [...axes].map((axis) => ({
          name: axis,
          type: type(axis),
          ...(type(axis) === "space" && { unit: "micrometer" }),
        })),
        datasets: paths.map((path, level) => ({
          path,
          coordinateTransformations: [
            {
              type: "scale",
              scale: [...axes].map((axis) => (type(axis) === "space" ? 0.5 * 2 ** level : 1)),
            },
          ],
        })),
      },
    ],
  };
}

/** A plate of two rows and three columns, with two fields of 2 × 4 × 4 pixels in each well. */
export function tinyPlate(): MemoryStore {
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
  return tinyStore(groups, arrays);
}

/** A store that notes which keys are asked for. */
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

export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function arrayDocument({ shape, chunks, document }: TinyArray): Json {
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: "uint16",
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunks } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: [{ name: "bytes", configuration: { endian: "little" } }],
    fill_value: 0,
    attributes: {},
    ...document,
  };
}

function* chunksOf({ shape, chunks, start = 0 }: TinyArray): Generator<[string, Uint8Array]> {
  for (const position of positions(shape.map((size, k) => Math.ceil(size / (chunks[k] ?? 1))))) {
    const values = [...positions(chunks)].map((offset) => {
      const at = offset.map((o, k) => (position[k] ?? 0) * (chunks[k] ?? 1) + o);
      const inside = at.every((value, k) => value < (shape[k] ?? 0));
      return inside ? start + at.reduce((index, value, k) => index * (shape[k] ?? 0) + value, 0) : 0;
    });
    yield [`c/${position.join("/")}`, new Uint8Array(Uint16Array.from(values).buffer)];
  }
}

function* positions(shape: readonly number[]): Generator<number[]> {
  const [size, ...rest] = shape;
  if (size === undefined) {
    yield [];
    return;
  }
  for (let i = 0; i < size; i++) for (const tail of positions(rest)) yield [i, ...tail];
}

function below(path: string, name: string): AbsolutePath {
  return path === "/" ? `/${name}` : `${path as AbsolutePath}/${name}`;
}
