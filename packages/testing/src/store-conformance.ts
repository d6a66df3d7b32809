import type { AbsolutePath, Store } from "@ozx/core";
import { afterAll, beforeAll, describe } from "vitest";
import { testAborting } from "./conformance/aborting.js";
import { testClosing } from "./conformance/closing.js";
import { buildHierarchy, type Fixture } from "./conformance/hierarchy.js";
import { testListing } from "./conformance/listing.js";
import { testRanges } from "./conformance/ranges.js";
import { testReading } from "./conformance/reading.js";
import { testZarrita } from "./conformance/zarrita.js";

/** Puts a hierarchy into a store of the kind under test, and opens it. The suite closes the store. */
export type BuildStore = (entries: Map<AbsolutePath, Uint8Array>) => Promise<Store>;

/**
 * The contract of `Store`, as tests. Every store of the project must pass all of them.
 *
 * @example
 * describeStore("memoryStore", async (entries) => memoryStore(entries));
 */
export function describeStore(name: string, build: BuildStore): void {
  describe(`${name} keeps the contract of Store`, () => {
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
    // The last: it closes the store.
    describe("closing", () => testClosing(fixture));
  });
}
