import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { mutatedDocuments, mutationRuns, smallVariants, typed, watchRejections } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";

const RUNS = mutationRuns(1, { sample: 250, full: 8_000 });

const unhandled = watchRejections();

const SOURCES = await smallVariants();

test("damaged documents give typed errors when pixels are read", async () => {
  await fc.assert(
    fc.asyncProperty(mutatedDocuments(SOURCES), async (values) => {
      const node = await typed(() => openOmeZarr(memoryStore(values, "mutated"), { formats: [] }));
      for (const image of node?.images.slice(0, 3) ?? []) await typed(() => readLevels(image));
    }),
    RUNS,
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
