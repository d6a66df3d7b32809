import { memoryStore } from "@ozx/core/container";
import { mutatedDocuments, mutationRuns, smallVariants, typed, watchRejections } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { verifyStores } from "../../src/index.js";

const RUNS = mutationRuns(4, { sample: 150, full: 8_500 });

const unhandled = watchRejections();

const SOURCES = await smallVariants();
const SIDES = fc.record({
  other: fc.option(mutatedDocuments(SOURCES), { freq: 10, nil: undefined }),
  isSwapped: fc.boolean(),
});

test("damaged documents give typed errors or differences when they are verified", async () => {
  await fc.assert(
    fc.asyncProperty(mutatedDocuments(SOURCES), SIDES, async (values, { other, isSwapped }) => {
      // Of those with other keys nothing would be compared.
      const whole = other ?? SOURCES.find(({ size }) => size === values.size);
      const sides = [memoryStore(values, "mutated"), memoryStore(whole ?? values, "whole")] as const;
      const [one, two] = isSwapped ? [sides[1], sides[0]] : sides;
      await typed(async () => {
        let found = 0;
        for await (const { message } of verifyStores(one, two)) {
          expect(message).not.toContain("undefined");
          if (++found === 5) return;
        }
      });
    }),
    RUNS,
  );
  expect(await unhandled()).toEqual([]);
}, 600_000);
