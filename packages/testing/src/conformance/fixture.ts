import type { AbsolutePath, Store } from "@ozx/core";
import { compareKeys } from "@ozx/core/container";
import { expect } from "vitest";
import { seededRandom } from "../sample/numbers.js";
import type { SampleOptions } from "../sample/sample-options.js";
import { sampleMap } from "../sample-image.js";

/** A store under test, and the entries that it was created with. */
export interface Fixture {
  readonly store: Store;
  readonly entries: ReadonlyMap<AbsolutePath, Uint8Array>;
}

/** The image in the hierarchy. It is sharded, so that zarrita reads ranges and suffixes. */
export const FIXTURE_SAMPLE: SampleOptions = {
  version: "0.5",
  shards: true,
  size: { c: 2, z: 2, y: 40, x: 48 },
  levels: 2,
  chunk: 16,
};

/** The key of the largest value in the hierarchy. */
export const LARGE_KEY: AbsolutePath = "/blobs/3145735.bin";

/** The key of an empty value. */
export const EMPTY_KEY: AbsolutePath = "/blobs/0.bin";

/** The key of a value for reading ranges. */
export const RANGED_KEY: AbsolutePath = "/blobs/4097.bin";

const SIZES = [0, 1, 255, 4097, 65_536, 131_073, 1_048_576, 3_145_735] as const;

/** Names that some kinds of stores would escape, normalize or fold wrongly. */
const ODD_KEYS: readonly AbsolutePath[] = [
  "/names/with space",
  "/names/ünï/日本語/€😀.bin",
  "/names/100%25 ?query#hash&a=b+c",
  "/names/constructor",
  "/names/__proto__",
  "/names/...",
  "/names/.hidden",
  "/names/c/10",
  "/names/c/9",
  "/prefix/a/x",
  "/prefix/a/zarr.json",
  "/prefix/ab/x",
  "/prefix/a.x",
  "/prefix/a-/x",
];

let built: Promise<Map<AbsolutePath, Uint8Array>> | undefined;

/** The entries of a store under test: a small image, values of many sizes, odd names. Callers must not change the values. */
export async function buildHierarchy(): Promise<Map<AbsolutePath, Uint8Array>> {
  built ??= makeHierarchy();
  return new Map(await built);
}

async function makeHierarchy(): Promise<Map<AbsolutePath, Uint8Array>> {
  const entries = await sampleMap(FIXTURE_SAMPLE);
  SIZES.forEach((size) => {
    entries.set(`/blobs/${size}.bin`, noise(size));
  });
  for (const key of ODD_KEYS) {
    // One of the keys is a zarr.json, so the value is the document of a group.
    entries.set(key, new TextEncoder().encode(JSON.stringify({ zarr_format: 3, node_type: "group", key })));
  }
  return new Map([...entries].sort(([a], [b]) => compareKeys(a, b)));
}

function noise(size: number): Uint8Array {
  const random = seededRandom(7, size);
  return Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
}

/** Fails unless the bytes are equal, without printing megabytes. */
export function expectBytes(
  actual: Uint8Array | undefined,
  expected: Uint8Array,
  what: string,
): asserts actual is Uint8Array {
  expect(actual, `${what} is there`).toBeInstanceOf(Uint8Array);
  if (actual === undefined) return;
  expect(actual.length, `length of ${what}`).toBe(expected.length);
  if (Buffer.compare(actual, expected) === 0) return;
  const difference = expected.findIndex((byte, i) => byte !== actual[i]);
  expect(difference, `first wrong byte of ${what}`).toBe(-1);
}

/** The expected value of a key. */
export function expectedValue({ entries }: Fixture, key: AbsolutePath): Uint8Array {
  const value = entries.get(key);
  if (value === undefined) throw new Error(`the fixture has no ${key}`);
  return value;
}

/** Reads a stream to its end. Joins the pieces only then, which reveals a reused buffer. */
export async function drain(stream: ReadableStream<Uint8Array> | undefined): Promise<Uint8Array | undefined> {
  if (stream === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
