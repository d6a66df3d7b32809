import { type AbsolutePath, isOzxError, readHierarchy } from "@ozx/core";
import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  describeEditable,
  formatRecord,
  type MetadataEdit,
  parseRecord,
  planEdit,
  planUndo,
  stateOf,
} from "../../src/index.js";
import { contentOf } from "../support/store-content.js";
import { imageWithLabels, plate, VERSIONS, withDocuments } from "./editable-images.js";

const SIZES = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const NAMES = fc.string({ minLength: 1, maxLength: 8 });
const AXES = fc
  .array(
    fc.tuple(
      fc.constantFrom("c", "z", "y", "x"),
      fc.record(
        { scale: SIZES, translation: SIZES, unit: fc.constantFrom("nm", "micrometer", "Å") },
        { requiredKeys: [] },
      ),
    ),
    { maxLength: 4 },
  )
  .map((axes) => new Map(axes));
const COLORS = fc.constantFrom("00FFFF", "ff0000");
const WINDOWS = fc.record({
  start: fc.integer({ min: 0, max: 100 }),
  end: fc.integer({ min: 100, max: 70_000 }),
});
const CHANNELS = fc.array(
  fc.record(
    { channel: fc.constantFrom(0, 1), name: NAMES, color: COLORS, window: WINDOWS, active: fc.boolean() },
    { requiredKeys: ["channel"] },
  ),
  { maxLength: 3 },
);
const EDITS: fc.Arbitrary<MetadataEdit> = fc.record(
  { name: NAMES, axes: AXES, unit: fc.constantFrom("um", "mm"), channels: CHANNELS },
  { requiredKeys: [] },
);
const IMAGES = fc.record({
  version: fc.constantFrom(...VERSIONS),
  path: fc.constantFrom<AbsolutePath>("/", "/labels/cells"),
  edits: fc.array(EDITS, { minLength: 1, maxLength: 3 }),
});

test("any edit, undone by its record, leaves the same documents", async () => {
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(IMAGES, async ({ version, path, edits }) => {
      const before = imageWithLabels(version);
      let plan: Awaited<ReturnType<typeof planEdit>>;
      try {
        plan = await planEdit(before, { edits: edits.map((edit) => ({ path, ...edit })) });
      } catch (error) {
        // A label image has no channels, and no axis c.
        expect(isOzxError(error, "Usage")).toBe(true);
        return;
      }
      if (plan.documents.size === 0) return;
      changed++;
      const after = await withDocuments(before, plan.documents);
      const record = parseRecord(formatRecord(plan));
      if (record === undefined) throw new Error("the record cannot be read");
      expect(await stateOf(before, record)).toBe("before");
      expect(await stateOf(after, record)).toBe("after");
      const undone = await withDocuments(after, (await planUndo(after, record)).documents);
      expect(await contentOf(undone)).toEqual(await contentOf(before));
      for (const [key, { before: bytes }] of plan.documents) expect(await undone.get(key)).toEqual(bytes);
    }),
    { numRuns: fuzzRuns({ sample: 40, full: 2000 }), seed: 16 },
  );
  expect(changed).toBeGreaterThan(10);
});

test("a hierarchy is as its own description says, so that this edits nothing", async () => {
  for (const version of VERSIONS) {
    for (const store of [imageWithLabels(version), plate(version)]) {
      const from: unknown = JSON.parse(JSON.stringify(describeEditable(await readHierarchy(store))));
      expect((await planEdit(store, { from })).documents.size).toBe(0);
    }
  }
});

test("what is no record is not taken for one", () => {
  for (const text of [
    "",
    "{}",
    "[]",
    '{"edit":1}',
    '{"edit":1,"documents":[{"key":3}],"moves":[]}',
    '{"edit":2,"documents":[],"moves":[]}',
  ])
    expect(parseRecord(text)).toBeUndefined();
  const leading = (key: string) =>
    `{"edit":1,"documents":[{"key":"${key}","before":null,"after":"{}"}],"moves":[]}`;
  for (const key of ["/../zarr.json", "/a/../../zarr.json", "zarr.json", "/0/c/0"])
    expect(parseRecord(leading(key))).toBeUndefined();
  expect(parseRecord(leading("/zarr.json"))?.documents.size).toBe(1);
  expect(parseRecord('{"edit":1,"documents":[],"moves":[]}')).toEqual({ documents: new Map(), moves: [] });
});

test("undo is refused where it would lose other changes, or there is nothing to undo", async () => {
  const before = imageWithLabels("0.5");
  const plan = await planEdit(before, { edits: [{ name: "one" }] });
  const after = await withDocuments(before, plan.documents);
  const again = await planEdit(after, { edits: [{ name: "two" }] });
  await expect(planUndo(before, plan)).rejects.toThrow("nothing to undo");
  await expect(planUndo(await withDocuments(after, again.documents), plan)).rejects.toThrow(
    "changed after the last edit",
  );
});
