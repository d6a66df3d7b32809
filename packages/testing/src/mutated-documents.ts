import { type AbsolutePath, isOzxError } from "@ozx/core";
import fc from "fast-check";
import { afterAll } from "vitest";
import { type SampleOptions, sampleMap } from "./sample-image.js";
import { encodeJson } from "./small-image.js";

/** A small image in the ways that its documents differ by: with shards, in 0.4, in Fortran order; in four chunks a level. */
export function smallVariants(size: number): Promise<Map<AbsolutePath, Uint8Array>[]> {
  const small = { size: { c: 1, z: 1, y: size, x: size }, levels: 2, chunk: size / 2 } as const;
  const variants: readonly SampleOptions[] = [
    small,
    { ...small, shards: true },
    { ...small, version: "0.4", codec: "blosc" },
    { ...small, version: "0.4", codec: "gzip", order: "F", separator: "." },
  ];
  return Promise.all(variants.map(sampleMap));
}

/** What a program or a person may have written in place of any value. */
const VALUE = fc.oneof(
  fc.constantFrom<unknown>(null, 0, -1, 1.5, 2 ** 53, 1e308, true, "", [], {}, [[]], [0], [5, 5], [2, 0, 1]),
  fc.constantFrom<unknown>(
    "gzip",
    "text",
    "|O",
    "<U3",
    "u2",
    "r24",
    "string",
    "bool",
    "NaN",
    "../..",
    "__proto__",
  ),
  fc.constantFrom<unknown>(
    [{ name: "a" }, { name: "b" }],
    [{ name: null }, null],
    [{ name: "transpose", configuration: { order: [1, 1] } }, "bytes"],
    [{}],
    { name: "rectilinear" },
    { id: null },
    { type: "raw" },
    "0.9.dev1",
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

const MUTATION = fc.record({
  document: fc.nat(),
  at: fc.nat(),
  kind: fc.constantFrom("replace", "delete", "rename"),
  value: VALUE,
});

/** The values of one of several hierarchies, with one or two changes somewhere in its documents. */
export function mutatedDocuments(
  sources: readonly ReadonlyMap<AbsolutePath, Uint8Array>[],
): fc.Arbitrary<Map<AbsolutePath, Uint8Array>> {
  return fc
    .tuple(fc.constantFrom(...sources), fc.array(MUTATION, { minLength: 1, maxLength: 2 }))
    .map(([source, mutations]) => {
      const values = new Map(source);
      const keys = [...values.keys()].filter((key) => /(?:zarr\.json|\.z\w+)$/.test(key));
      for (const mutation of mutations) {
        const key = keys[mutation.document % keys.length] ?? "/zarr.json";
        const bytes = values.get(key);
        if (bytes !== undefined) values.set(key, mutate(bytes, mutation));
      }
      return values;
    });
}

function mutate(
  bytes: Uint8Array,
  { at, kind, value }: { readonly at: number; readonly kind: string; readonly value: unknown },
): Uint8Array {
  const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const positions = positionsIn(document);
  const position = positions[at % Math.max(1, positions.length)];
  if (position === undefined) return encodeJson(value);
  const [object, key] = position;
  if (kind === "replace") object[key] = value;
  else if (kind === "delete") delete object[key];
  else Object.defineProperty(object, "__proto__", { value: object[key], enumerable: true });
  return encodeJson(document);
}

/** Every position in a JSON value: the object or list, and the key in it. */
function positionsIn(value: unknown): (readonly [Record<string, unknown>, string])[] {
  if (typeof value !== "object" || value === null) return [];
  const object = value as Record<string, unknown>;
  return Object.keys(object).flatMap((key) => [[object, key] as const, ...positionsIn(object[key])]);
}

/** Runs what may throw typed errors, and the two of wrong selections. */
export async function typed<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isOzxError(error) && !(error instanceof RangeError)) throw error;
    if (error instanceof RangeError && /call stack|array length|buffer/i.test(error.message)) throw error;
    return undefined;
  }
}

/**
 * Collects, until the tests of a file are over, the rejections that nobody caught: each would end a process of Node,
 * though the caller caught the error.
 *
 * @returns waits until all are known, and returns them
 */
export function watchRejections(): () => Promise<readonly unknown[]> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  afterAll(() => void process.off("unhandledRejection", note));
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return unhandled;
  };
}
