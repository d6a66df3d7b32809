import type { Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { fuzzRuns, mutatedDocuments, smallVariants, typed, watchRejections } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addLabels,
  checkOutput,
  needsOfVersion,
  type PlanOptions,
  planTransfer,
  planVersion,
  runTransfer,
  type TargetNeeds,
  verifyStores,
  type WritableVersion,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const RUNS = fuzzRuns({ sample: 150, full: 3000 });

const unhandled = watchRejections();

const SOURCES = await smallVariants(8);

const NEEDS = fc.constantFrom<TargetNeeds>({}, { zarrFormat: 3 }, { shards: false, omeVersion: "0.4" });
const OPTIONS = fc.constantFrom<PlanOptions>(
  {},
  { allowMissing: true },
  { codec: { name: "gzip", level: 1 } },
  { shard: { x: 8, y: 8 } },
  { shard: "none" },
  { shard: "auto", pyramid: true },
);
const VERSION = fc.constantFrom<WritableVersion | undefined>(undefined, undefined, "0.4", "0.5", "0.6");

/** More than this is not written: a shape of a million pixels is no fault. */
const MOST = { bytes: 1e6, entries: 1000 };

test("damaged documents give typed errors when they are converted, verified and added to", async () => {
  await fc.assert(
    fc.asyncProperty(
      mutatedDocuments(SOURCES),
      NEEDS,
      OPTIONS,
      VERSION,
      async (values, needs, options, version) => {
        const source = memoryStore(values, "mutated");
        const output = await typed(() => transfer(source, { needs, options, version }));
        if (output !== undefined) await typed(() => differences(source, output));
        await typed(() => addSmallLabels(source));
      },
    ),
    { numRuns: RUNS },
  );
  expect(await unhandled()).toEqual([]);
}, 600_000);

interface Request {
  readonly needs: TargetNeeds;
  readonly options: PlanOptions;
  readonly version: WritableVersion | undefined;
}

async function transfer(source: Store, { needs, options, version }: Request): Promise<Store | undefined> {
  const ofVersion = version === undefined ? needs : needsOfVersion(version, needs);
  const planned = await planTransfer(source, ofVersion, options);
  const plan = version === undefined ? planned : await planVersion(planned, version);
  await checkOutput(plan);
  const entries = plan.entries.length + (plan.generated?.entries ?? 0);
  if (!(plan.bytes <= MOST.bytes && entries <= MOST.entries)) return undefined;
  const target = memoryTarget();
  await runTransfer(plan, target);
  return target.store;
}

/** Which differences there are is for other tests to say: some metadata is repaired on the way. */
async function differences(source: Store, output: Store): Promise<void> {
  let found = 0;
  for await (const { message } of verifyStores(source, output)) {
    expect(message).not.toContain("undefined");
    if (++found === 5) return;
  }
}

async function addSmallLabels(store: Store): Promise<void> {
  const writer = { name: "writer", add: async () => {}, commit: async () => {}, discard: async () => {} };
  const labels = await addLabels({ store, writer }, "added");
  await labels.discard();
}
