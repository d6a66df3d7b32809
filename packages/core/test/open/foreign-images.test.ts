import { isOzxError, openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { foreignImages, fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inspectNode } from "../../src/inspect/inspect-node.js";

const RUNS = fuzzRuns({ sample: 60, full: 1_500 });
const NO_FORMATS = { formats: [] };

test("levels of strangers' images keep their numbers, and tell by a typed error why they cannot be read", async () => {
  const property = fc.asyncProperty(foreignImages(), async ({ values, version, levels, first }) => {
    const store = memoryStore(values, "image.zarr");
    const report = await validateOmeZarr(store, NO_FORMATS);
    const node = await openOmeZarr(store, NO_FORMATS);
    const inspected = await inspectNode(node);
    expect(inspected.omeVersion).toBe(report.omeVersion);
    if (version !== undefined) expect(report.omeVersion).toBe(String(version));
    const opened = node.images[0]?.levels ?? [];
    expect(opened).toHaveLength(levels.length);
    for (const [number, { state, shape }] of levels.entries()) {
      const level = opened[number];
      const corner = Object.fromEntries((level?.axes ?? []).map(({ name }) => [name, 0]));
      if (state === "whole" && level?.axes.length === shape.length) {
        expect(level.shape).toEqual(shape);
        expect([...((await level.read(corner)).data as Iterable<number>)][0]).toBe(first);
      } else {
        const error = await level?.read(corner).catch((reason: unknown) => reason);
        expect(isOzxError(error), String(error)).toBe(true);
      }
    }
  });
  await fc.assert(property, { numRuns: RUNS });
});
