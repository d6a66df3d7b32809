import type { AbsolutePath } from "@ozx/core";

type Json = { readonly [name: string]: unknown };

/** An array of a small image. */
export interface SmallArray {
  readonly shape: readonly number[];
  /** The whole shape by default. */
  readonly chunks?: readonly number[];
  readonly dataType?: "uint8" | "uint16";
  /** The value at a position in C order; without it no chunk is stored. */
  readonly valueAt?: (index: number) => number;
  /** Members of `zarr.json` that replace the usual ones, or are added. */
  readonly document?: Json | undefined;
}

/**
 * An image, or any hierarchy, of Zarr v3: groups by path with what is their `ome`, and arrays, not compressed.
 *
 * @example smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: [4, 4] } });
 */
export function smallImage(
  groups: Readonly<Record<AbsolutePath, Json | undefined>>,
  arrays: Readonly<Record<AbsolutePath, SmallArray>> = {},
): Map<AbsolutePath, Uint8Array> {
  const values = new Map<AbsolutePath, Uint8Array>();
  for (const [path, ome] of Object.entries(groups)) {
    values.set(keyBelow(path, "zarr.json"), encodeJson(groupDocument(ome && { ome })));
  }
  for (const [path, array] of Object.entries(arrays)) {
    values.set(keyBelow(path, "zarr.json"), encodeJson(arrayDocument(array)));
    for (const [key, bytes] of chunksOf(array)) values.set(keyBelow(path, key), bytes);
  }
  return values;
}

/** The `ome` of an image with axes such as `cyx`, in micrometers, and levels, each half the size of the one before. */
export function imageMetadata(axes = "cyx", paths: readonly string[] = ["0"], name?: string): Json {
  const typeOf = (axis: string): string => ({ t: "time", c: "channel" })[axis] ?? "space";
  const scaleOf = (axis: string, level: number): number => (typeOf(axis) === "space" ? 0.5 * 2 ** level : 1);
  const datasets = paths.map((path, level) => ({
    path,
    coordinateTransformations: [{ type: "scale", scale: [...axes].map((axis) => scaleOf(axis, level)) }],
  }));
  const described = [...axes].map((axis) => ({
    name: axis,
    type: typeOf(axis),
    ...(typeOf(axis) === "space" && { unit: "micrometer" }),
  }));
  return { version: "0.5", multiscales: [{ ...(name && { name }), axes: described, datasets }] };
}

/** The `zarr.json` of a group. */
export function groupDocument(attributes?: Json): Json {
  return { zarr_format: 3, node_type: "group", ...(attributes && { attributes }) };
}

/** The `zarr.json` of an array. */
export function arrayDocument({ shape, chunks = shape, dataType = "uint16", document }: SmallArray): Json {
  const bytes =
    dataType === "uint8" ? { name: "bytes" } : { name: "bytes", configuration: { endian: "little" } };
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: dataType,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunks } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: [bytes],
    fill_value: 0,
    attributes: {},
    ...document,
  };
}

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function* chunksOf({
  shape,
  chunks = shape,
  dataType,
  valueAt,
}: SmallArray): Generator<[string, Uint8Array]> {
  if (valueAt === undefined) return;
  const Values = dataType === "uint8" ? Uint8Array : Uint16Array;
  const sizes = { shape, chunks };
  for (const chunk of positions(shape.map((size, axis) => Math.ceil(size / (chunks[axis] ?? 1))))) {
    const values = Array.from(indicesIn(chunk, sizes), (index) => (index < 0 ? 0 : valueAt(index)));
    yield [`c/${chunk.join("/")}`, new Uint8Array(Values.from(values).buffer)];
  }
}

/** Where the elements of a chunk are in the array, in C order; -1 for those beyond its edges. */
function* indicesIn(
  chunk: readonly number[],
  { shape, chunks }: { readonly shape: readonly number[]; readonly chunks: readonly number[] },
): Generator<number> {
  const [size = 1, ...rest] = shape;
  const [extent = 1, ...inner] = chunks;
  const [first = 0, ...others] = chunk;
  if (shape.length <= 1) {
    for (let at = first * extent; at < (first + 1) * extent; at++) yield at < size ? at : -1;
    return;
  }
  const row = rest.reduce((product, one) => product * one, 1);
  const below = [...indicesIn(others, { shape: rest, chunks: inner })];
  for (let at = first * extent; at < (first + 1) * extent; at++) {
    for (const index of below) yield at < size && index >= 0 ? at * row + index : -1;
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

function keyBelow(path: string, name: string): AbsolutePath {
  return path === "/" ? `/${name}` : `${path as AbsolutePath}/${name}`;
}
