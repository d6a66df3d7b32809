import type { AbsolutePath, Store } from "@ozx/core";
import { afterAll, beforeAll, describe, expect, type TestOptions, test } from "vitest";
import { open, root } from "zarrita";
import { testAborting, testClosing } from "./conformance/ending.js";
import { buildHierarchy, FIXTURE_SAMPLE, type Fixture } from "./conformance/fixture.js";
import { testListing } from "./conformance/listing.js";
import { testRanges, testReading } from "./conformance/reading.js";
import { readValues } from "./read-values.js";
import { sampleArrays } from "./sample-image.js";

/** Creates a store of the kind under test with these entries. The suite closes it. */
export type BuildStore = (entries: Map<AbsolutePath, Uint8Array>) => Promise<Store>;

/**
 * The contract of `Store`, as tests, which every store of the project must pass.
 *
 * @example
 * describeStore("memoryStore", async (entries) => memoryStore(entries));
 */
export function describeStore(name: string, build: BuildStore, options: TestOptions = {}): void {
  describe(`${name} conforms to the Store contract`, options, () => {
    let held: Fixture | undefined;
    const fixture = (): Fixture => {
      if (held === undefined) throw new Error(`${name} could not be built`);
      return held;
    };
    beforeAll(async () => {
      const entries = await buildHierarchy();
      held = { entries, store: await build(new Map(entries)) };
    });
    afterAll(() => held?.store.close());

    describe("reading", () => testReading(fixture));
    describe("ranges", () => testRanges(fixture));
    describe("listing", () => testListing(fixture));
    describe("aborting", () => testAborting(fixture));
    describe("zarrita", () => testZarrita(fixture));
    // Last, because it closes the store.
    describe("closing", () => testClosing(fixture));
  });
}

/** A store is an `AsyncReadable` of zarrita. */
function testZarrita(fixture: () => Fixture): void {
  test("zarrita reads every array of an image from it", async () => {
    const { store } = fixture();
    for (const { path, shape, content } of sampleArrays(FIXTURE_SAMPLE)) {
      const read = await readValues(store, path);
      expect(read.shape, path).toEqual(shape);
      expect(read.values, path).toEqual(Array.from<unknown>(content.values));
    }
  });

  test("zarrita finds the image's metadata", async () => {
    const group = await open.v3(root(fixture().store), { kind: "group" });
    expect(group.attrs).toMatchObject({ ome: { version: "0.5" } });
  });

  test("zarrita sees that a node is missing", async () => {
    const missing = root(fixture().store).resolve("/missing");
    await expect(open(missing, { kind: "group" })).rejects.toThrow(/not found/i);
  });
}
