import { isOzxError, openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { encodeJson, fuzzRuns, type SampleOptions, sampleMap } from "@ozx/testing";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { inspectNode } from "../../src/inspect/inspect-node.js";
import { plateValues } from "./fixtures.js";

const RUNS = fuzzRuns({ sample: 300, full: 20_000 });

/** Rejections that nobody caught: each would end a process of Node, though the caller caught the error. */
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on("unhandledRejection", note);
afterAll(() => void process.off("unhandledRejection", note));

const SMALL = { size: { c: 1, z: 1, y: 8, x: 8 }, levels: 2, chunk: 4 } as const;
const VARIANTS: readonly SampleOptions[] = [
  SMALL,
  { ...SMALL, shards: true },
  { ...SMALL, version: "0.4", codec: "blosc" },
  { ...SMALL, version: "0.4", codec: "gzip", order: "F", separator: "." },
];
const SOURCES = [...(await Promise.all(VARIANTS.map(sampleMap))), plateValues()];

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

/** Every place of a JSON value: the object or list, and the key in it. */
function placesIn(value: unknown): (readonly [Record<string, unknown>, string])[] {
  if (typeof value !== "object" || value === null) return [];
  const object = value as Record<string, unknown>;
  return Object.keys(object).flatMap((key) => [[object, key] as const, ...placesIn(object[key])]);
}

function mutate(bytes: Uint8Array, { at, kind, value }: { at: number; kind: string; value: unknown }) {
  const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const places = placesIn(document);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return encodeJson(value);
  const [object, key] = place;
  if (kind === "replace") object[key] = value;
  else if (kind === "delete") delete object[key];
  else Object.defineProperty(object, "__proto__", { value: object[key], enumerable: true });
  return encodeJson(document);
}

/** Runs what may throw typed errors, and the two of wrong selections. */
async function typed(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isOzxError(error) && !(error instanceof RangeError)) throw error;
    if (error instanceof RangeError && /call stack|array length|buffer/i.test(error.message)) throw error;
  }
}

test("damaged documents give typed errors when they are opened, inspected, checked and read", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SOURCES),
      fc.array(MUTATION, { minLength: 1, maxLength: 2 }),
      async (source, mutations) => {
        const values = new Map(source);
        const keys = [...values.keys()].filter((key) => /(?:zarr\.json|\.z\w+)$/.test(key));
        for (const mutation of mutations) {
          const key = keys[mutation.document % keys.length] ?? "/zarr.json";
          const bytes = values.get(key);
          if (bytes !== undefined) values.set(key, mutate(bytes, mutation));
        }
        const store = memoryStore(values, "mutated");
        await typed(() => validateOmeZarr(store, { formats: [] }));
        await typed(async () => {
          const node = await openOmeZarr(store, { formats: [] });
          await inspectNode(node);
          for (const image of node.images.slice(0, 3)) await typed(() => readLevels(image));
        });
      },
    ),
    { numRuns: RUNS },
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(unhandled).toEqual([]);
}, 600_000);

type OpenImage = Awaited<ReturnType<typeof openOmeZarr>>["images"][number];

async function readLevels({ levels }: OpenImage): Promise<void> {
  for (const level of levels) {
    await typed(() => {
      // A corner is enough: a shape of a million pixels is no fault.
      const corner = level.axes.map(({ name }, axis) => [
        name,
        [0, Math.min(8, level.shape[axis] ?? 0)] as const,
      ]);
      return level.read(Object.fromEntries(corner));
    });
  }
}
