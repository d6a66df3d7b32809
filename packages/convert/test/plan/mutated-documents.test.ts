import type { Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { mutatedDocuments, mutationRuns, smallVariants, typed, watchRejections } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkOutput,
  needsOfVersion,
  type PlanOptions,
  planTransfer,
  planVersion,
  runTransfer,
  type TargetNeeds,
  type WritableVersion,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const RUNS = mutationRuns(3, { sample: 150, full: 8_000 });

const unhandled = watchRejections();

const SOURCES = await smallVariants();

const NEEDS = fc.constantFrom<TargetNeeds>({}, { zarrFormat: 3 }, { shards: false, omeVersion: "0.4" });
const OPTIONS = fc.constantFrom<PlanOptions>(
  {},
  { allowMissing: true },
  { codec: { name: "gzip", level: 1 } },
  { shard: { x: 2, y: 4 } },
  { shard: "none" },
  { shard: "auto", pyramid: true },
);
const VERSION = fc.constantFrom<WritableVersion | undefined>(undefined, undefined, "0.4", "0.5", "0.6");

/** More than this is not written: a shape of a million pixels is no fault. */
const MOST = { bytes: 1e6, entries: 1000 };

test("damaged documents give typed errors when they are converted", async () => {
  await fc.assert(
    fc.asyncProperty(
      mutatedDocuments(SOURCES),
      NEEDS,
      OPTIONS,
      VERSION,
      async (values, needs, options, version) => {
        await typed(() => transfer(memoryStore(values, "mutated"), { needs, options, version }));
      },
    ),
    RUNS,
  );
  expect(await unhandled()).toEqual([]);
}, 600_000);

interface Request {
  readonly needs: TargetNeeds;
  readonly options: PlanOptions;
  readonly version: WritableVersion | undefined;
}

async function transfer(source: Store, { needs, options, version }: Request): Promise<void> {
  const ofVersion = version === undefined ? needs : needsOfVersion(version, needs);
  const planned = await planTransfer(source, ofVersion, options);
  const plan = version === undefined ? planned : await planVersion(planned, version);
  await checkOutput(plan);
  const entries = plan.entries.length + (plan.generated?.entries ?? 0);
  if (!(plan.bytes <= MOST.bytes && entries <= MOST.entries)) return;
  await runTransfer(plan, memoryTarget());
}
