import { type AbsolutePath, isOzxError, openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { fuzzRuns, sampleMap } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inspectStore } from "../src/commands/info.js";
import { renderInfo } from "../src/render/file-summary.js";
import { array, group, image } from "./info-fixtures.js";

const RUNS = fuzzRuns({ sample: 60, full: 1_000 });

type Documents = ReadonlyMap<AbsolutePath, unknown>;

const PLATE: Documents = new Map<AbsolutePath, unknown>([
  [
    "/zarr.json",
    group({
      version: "0.5",
      plate: {
        name: "plate",
        rows: [{ name: "A" }, { name: "B" }],
        columns: [{ name: "1" }],
        acquisitions: [{ id: 0, name: "first", starttime: 1_700_000_000 }],
        wells: [
          { path: "A/1", rowIndex: 0, columnIndex: 0 },
          { path: "B/1", rowIndex: 1, columnIndex: 0 },
        ],
      },
    }),
  ],
  ["/A/1/zarr.json", group({ version: "0.5", well: { images: [{ path: "0", acquisition: 0 }] } })],
  ["/A/1/0/zarr.json", group(image("one"))],
  ["/A/1/0/0/zarr.json", array([1, 2, 3, 4])],
  ["/B/1/zarr.json", group({ version: "0.5", well: { images: [{ path: "0" }, { path: "../../A/1/0" }] } })],
  ["/B/1/0/zarr.json", group(image("two"))],
  ["/B/1/0/0/zarr.json", array([1, 2, 3, 4])],
]);

const COLLECTION: Documents = new Map<AbsolutePath, unknown>([
  ["/zarr.json", group({ version: "0.5", "bioformats2raw.layout": 3 })],
  ["/OME/zarr.json", group({ version: "0.5", series: ["0", "1"] })],
  ["/0/zarr.json", group(image("one"))],
  ["/0/0/zarr.json", array([1, 2, 3, 4])],
  ["/1/zarr.json", group(image("two"))],
]);

/** What may stand in a document in place of anything. */
const anything = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    "",
    "..",
    "../..",
    "/",
    "__proto__",
    "\u001b[2J",
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

interface Mutation {
  readonly at: number;
  readonly value: unknown;
  readonly how: "replace" | "delete" | "repeat";
}

const mutations = fc.array(
  fc.record<Mutation>({
    at: fc.nat({ max: 10_000 }),
    value: anything,
    how: fc.constantFrom("replace", "replace", "delete", "repeat"),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Changes one member or item, counted through all documents. */
function mutate(documents: Map<AbsolutePath, unknown>, { at, value, how }: Mutation): void {
  const places: (() => void)[] = [];
  const visit = (parent: Record<string, unknown> | unknown[]): void => {
    for (const key of Object.keys(parent)) {
      const members = parent as Record<string, unknown>;
      places.push(() => {
        if (how === "replace") members[key] = value;
        else if (how === "delete") delete members[key];
        else if (Array.isArray(parent)) parent.push(...parent);
      });
      const child = members[key];
      if (typeof child === "object" && child !== null) visit(child as Record<string, unknown>);
    }
  };
  for (const document of documents.values()) visit(document as Record<string, unknown>);
  places[at % places.length]?.();
}

async function examine(documents: Documents): Promise<void> {
  const values = new Map<AbsolutePath, Uint8Array>();
  for (const [key, document] of documents)
    values.set(key, new TextEncoder().encode(JSON.stringify(document)));
  const store = memoryStore(values, "odd");
  try {
    const report = await inspectStore(store, "odd");
    JSON.stringify(report);
    const text = renderInfo(report, { width: 80, verbose: true });
    expect(text).not.toContain("\u001b[2J");
    await readSomething(store);
  } catch (error) {
    if (!isOzxError(error)) throw error;
  }
}

/** One pixel of the first level of each image. */
async function readSomething(store: ReturnType<typeof memoryStore>): Promise<void> {
  const node = await openOmeZarr(store, { formats: [] });
  for (const image of node.images) {
    try {
      const [level] = image.levels;
      if (level === undefined || level.shape.some((size) => size === 0)) continue;
      await level.read(Object.fromEntries(level.axes.map(({ name }) => [name, 0])));
    } catch (error) {
      if (!isOzxError(error)) throw error;
    }
  }
}

test.each([
  ["a plate", PLATE],
  ["a collection", COLLECTION],
])("whatever is in the metadata of %s, errors are ours", async (_, documents) => {
  await fc.assert(
    fc.asyncProperty(mutations, async (changes) => {
      const changed = structuredClone(documents) as Map<AbsolutePath, unknown>;
      for (const change of changes) mutate(changed, change);
      await examine(changed);
    }),
    { numRuns: RUNS },
  );
});

test("whatever is in the metadata of the sample, errors are ours", async () => {
  for (const version of ["0.4", "0.5"] as const) {
    const documents = new Map<AbsolutePath, unknown>();
    for (const [key, value] of await sampleMap({ version, levels: 1, size: { c: 1, z: 1, y: 8, x: 8 } })) {
      if (/\/(zarr\.json|\.z\w+)$/.test(key)) documents.set(key, JSON.parse(new TextDecoder().decode(value)));
    }
    await fc.assert(
      fc.asyncProperty(mutations, async (changes) => {
        const changed = structuredClone(documents);
        for (const change of changes) mutate(changed, change);
        await examine(changed);
      }),
      { numRuns: RUNS },
    );
  }
});
