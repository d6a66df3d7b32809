import type { Finding } from "../../findings/finding.js";
import { breach } from "../../findings/rule.js";
import type { CheckOptions } from "../../store/format.js";
import { createPacer } from "../../store/pacer.js";
import type { Store, StoreEntry } from "../../store/store.js";
import { listEntries } from "../list-entries.js";
import type { Hierarchy } from "../node.js";
import { checkNodes } from "./check-nodes.js";
import { createDataCheck, type DataCheck } from "./data-check.js";
import { gridOf, keyLocator, type LocatedKey } from "./locate-key.js";
import { CHUNK_KEYS } from "./rules.js";
import { type Job, runJobs } from "./run-jobs.js";

/**
 * Checks a hierarchy as Zarr: its documents, and every key that lies below an array; with `deep` also every
 * shard's index and every chunk's data, some at once and within a bounded part of memory.
 *
 * @param hierarchy all nodes of the store, as `readHierarchy` reads them
 * @throws UnreadableError, SourceChangedError where the store itself fails
 */
export async function* checkZarr(
  store: Store,
  hierarchy: Hierarchy,
  options: CheckOptions = {},
): AsyncGenerator<Finding> {
  yield* checkNodes(hierarchy);
  const { signal, deep = false } = options;
  // The names of its chunks would only be those that were asked for.
  if (store.unlisted !== undefined && !deep) return;
  yield* runJobs(
    jobsOf(store, hierarchy, deep ? await createDataCheck(store, { signal }) : undefined, options),
    {
      signal,
    },
  );
}

/** What is to be done for each key: a finding at once, or data to look at. */
async function* jobsOf(
  store: Store,
  hierarchy: Hierarchy,
  checkData: DataCheck | undefined,
  { signal, onProgress }: CheckOptions,
): AsyncGenerator<Job> {
  const locate = keyLocator(hierarchy);
  const pause = createPacer();
  const done = { entries: 0, bytes: 0 };
  let listed = 0;
  for await (const entry of listEntries(store, hierarchy, { signal })) {
    // Asking the clock for every key would cost as much as looking at it.
    const rest = ++listed % 256 === 0 ? pause() : undefined;
    if (rest !== undefined) {
      await rest;
      signal?.throwIfAborted();
      onProgress?.({ ...done });
    }
    const located = locate(entry.key);
    const finding = located && strayKey(entry, located);
    if (finding !== undefined) yield { cost: 0, run: async () => [finding] };
    if (located === undefined || finding !== undefined || checkData === undefined) {
      done.entries++;
      done.bytes += entry.size;
      continue;
    }
    const job = checkData(entry, located);
    yield {
      cost: job.cost,
      run: async () => {
        const findings = await job.run();
        done.entries++;
        done.bytes += entry.size;
        onProgress?.({ ...done });
        return findings;
      },
    };
  }
}

function strayKey({ key }: StoreEntry, { node, place }: LocatedKey): Finding | undefined {
  if (place === "in-grid") return undefined;
  if (place === "stray") {
    return breach(CHUNK_KEYS, key, `${key} is not the name of a chunk of the array ${node.path}.`);
  }
  const unit = node.array.shardShape === undefined ? "chunks" : "shards";
  return breach(
    CHUNK_KEYS,
    key,
    `${key} lies outside of the array ${node.path}, which has ${gridOf(node).join(" × ")} ${unit}.`,
  );
}
