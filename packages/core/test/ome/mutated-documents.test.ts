import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { mutatedDocuments, mutationRuns, smallVariants, typed, watchRejections } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";

const RUNS = mutationRuns(2, { sample: 250, full: 8_000 });

const unhandled = watchRejections();

const SOURCES = await smallVariants();

test("damaged documents give findings when they are validated", async () => {
  await fc.assert(
    fc.asyncProperty(mutatedDocuments(SOURCES), async (values) => {
      const report = await typed(() => validateOmeZarr(memoryStore(values, "mutated"), { formats: [] }));
      const examples = report?.groups.flatMap((group) => group.examples) ?? [];
      for (const { message } of examples) expect(message).not.toContain("undefined");
    }),
    RUNS,
  );
  expect(await unhandled()).toEqual([]);
}, 600_000);
