import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { fuzzRuns, mutatedDocuments, smallVariants, typed, watchRejections } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inspectNode } from "../../src/inspect/inspect-node.js";
import { plateValues } from "./fixtures.js";

const RUNS = fuzzRuns({ sample: 300, full: 4000 });

const unhandled = watchRejections();

const SOURCES = [...(await smallVariants(8)), plateValues()];

test("damaged documents give typed errors when they are opened, inspected, checked and read", async () => {
  await fc.assert(
    fc.asyncProperty(mutatedDocuments(SOURCES), async (values) => {
      const store = memoryStore(values, "mutated");
      await typed(() => validateOmeZarr(store, { formats: [] }));
      await typed(async () => {
        const node = await openOmeZarr(store, { formats: [] });
        await inspectNode(node);
        for (const image of node.images.slice(0, 3)) await typed(() => readLevels(image));
      });
    }),
    { numRuns: RUNS },
  );
  expect(await unhandled()).toEqual([]);
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
