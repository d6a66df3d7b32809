import { memoryStore } from "@ozx/core/container";
import { mutatedDocuments, mutationRuns, smallVariants, typed, watchRejections } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addLabels } from "../../src/index.js";

const RUNS = mutationRuns(5, { sample: 150, full: 7_500 });

const unhandled = watchRejections();

const SOURCES = await smallVariants();

test("damaged documents give typed errors when label images are added", async () => {
  await fc.assert(
    fc.asyncProperty(mutatedDocuments(SOURCES), (values) =>
      typed(async () => {
        const store = memoryStore(values, "mutated");
        const writer = {
          name: "writer",
          add: async () => {},
          commit: async () => {},
          discard: async () => {},
        };
        const labels = await addLabels({ store, writer }, "added");
        await labels.discard();
      }),
    ),
    RUNS,
  );
  expect(await unhandled()).toEqual([]);
}, 600_000);
