import { type AbsolutePath, isOzxError } from "@ozx/core";
import fc from "fast-check";
import { afterAll } from "vitest";
import { fuzzRuns } from "./run-size.js";
import { type SampleOptions, sampleMap } from "./sample-image.js";
import { encodeJson, imageMetadata, type SmallArray, smallImage } from "./small-image.js";

/**
 * Small hierarchies in the ways that documents differ by: an image with shards, in 0.4, in Fortran order, with label images,
 * a plate and a collection. Documents and chunks are as few and as small as these allow, since a case takes as long as it
 * takes to read them.
 */
export async function smallVariants(): Promise<Map<AbsolutePath, Uint8Array>[]> {
  const small = { size: { c: 1, z: 1, y: 4, x: 2 }, levels: 2, chunk: 2 } as const;
  const variants: readonly (SampleOptions & { readonly labels?: boolean })[] = [
    { ...small, labels: true },
    { ...small, shards: true },
    { ...small, version: "0.4", codec: "blosc", levels: 1, labels: true },
    { ...small, version: "0.4", codec: "gzip", order: "F", separator: "." },
  ];
  const maps = await Promise.all(variants.map(sampleMap));
  const images = maps.map((values, index) => compact(values, variants[index]?.labels ?? false));
  return [...images, smallPlate(), smallCollection()];
}

/** A plate of two wells with one field each. */
function smallPlate(): Map<AbsolutePath, Uint8Array> {
  const wells = ["A/1", "A/2"].map((path, columnIndex) => ({ path, rowIndex: 0, columnIndex }));
  const plate = { name: "p", rows: [{ name: "A" }], columns: [{ name: "1" }, { name: "2" }], wells };
  const well = { version: "0.5", well: { images: [{ path: "0" }] } };
  return smallImage(
    {
      ...{ "/": { version: "0.5", plate }, "/A": undefined, "/A/1": well, "/A/2": well },
      ...{ "/A/1/0": imageMetadata("yx"), "/A/2/0": imageMetadata("yx") },
    },
    { "/A/1/0/0": SMALL_ARRAY, "/A/2/0/0": SMALL_ARRAY },
  );
}

/** Two images as bioformats2raw writes them. */
function smallCollection(): Map<AbsolutePath, Uint8Array> {
  return smallImage(
    {
      ...{
        "/": { version: "0.5", "bioformats2raw.layout": 3 },
        "/OME": { version: "0.5", series: ["0", "1"] },
      },
      ...{ "/0": imageMetadata("yx"), "/1": imageMetadata("yx") },
    },
    { "/0/0": SMALL_ARRAY, "/1/0": SMALL_ARRAY },
  );
}

const SMALL_ARRAY: SmallArray = { shape: [2, 2], valueAt: (index) => index };

/**
 * How many cases a test of mutated documents draws, for `fc.assert`. In a full run all such tests together draw 50,000.
 *
 * @param part tells the tests from each other, so that each draws other cases; a seed that is asked for is that of all
 */
export function mutationRuns(part: number, runs: { sample: number; full: number }): fc.Parameters<unknown> {
  const { seed } = fc.readConfigureGlobal();
  const asked = process.env["OZX_FUZZ_SEED"] !== undefined || seed === undefined;
  return { numRuns: fuzzRuns(runs), ...(!asked && { seed: seed + part }) };
}

/** With documents in one line, and without label images where they are not asked for. */
function compact(
  values: ReadonlyMap<AbsolutePath, Uint8Array>,
  labels: boolean,
): Map<AbsolutePath, Uint8Array> {
  const kept = [...values].filter(([key]) => labels || !key.startsWith("/labels"));
  return new Map(
    kept.map(([key, bytes]) => [key, isDocument(key) ? encodeJson(parse(bytes)) : bytes] as const),
  );
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
      const keys = [...values.keys()].filter(isDocument);
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
  const document = parse(bytes);
  const positions = positionsIn(document);
  const position = positions[at % Math.max(1, positions.length)];
  if (position === undefined) return encodeJson(value);
  const [object, key] = position;
  if (kind === "replace") object[key] = value;
  else if (kind === "delete") delete object[key];
  else Object.defineProperty(object, "__proto__", { value: object[key], enumerable: true });
  return encodeJson(document);
}

function isDocument(key: string): boolean {
  return /(?:zarr\.json|\.z\w+)$/.test(key);
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
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
