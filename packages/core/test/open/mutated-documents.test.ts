import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { mutatedDocuments, mutationRuns, smallVariants, typed, watchRejections } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inspectNode } from "../../src/inspect/inspect-node.js";

const RUNS = mutationRuns(0, { sample: 250, full: 10_000 });

const unhandled = watchRejections();

const SOURCES = await smallVariants();

test("damaged documents give typed errors when they are opened and inspected", async () => {
  await fc.assert(
    fc.asyncProperty(mutatedDocuments(SOURCES), (values) =>
      typed(async () => {
        const node = await openOmeZarr(memoryStore(values, "mutated"), { formats: [] });
        await inspectNode(node);
      }),
    ),
    RUNS,
  );
  expect(await unhandled()).toEqual([]);
}, 600_000);
