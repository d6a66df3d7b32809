import {
  type Damage,
  findDamage,
  hideDamage,
  type LostOfArray,
  summarizeInShards,
  summarizeLost,
} from "@ozx/convert";
import { type ChunkWorkers, type ReadOptions, readHierarchy, type Store } from "@ozx/core";
import { createProgress } from "../terminal/progress.js";

/** A store without its damaged chunks, and which these are. */
export interface SoundStore {
  readonly store: Store;
  readonly damage: Damage;
  /** The same by arrays. */
  readonly damageOfArrays: readonly LostOfArray[];
}

/**
 * Reads and decodes every chunk, with progress on the terminal, and leaves out those that are damaged: a missing chunk has
 * the fill value.
 *
 * @throws what reading the store throws, if it is not about one value
 */
export async function withoutDamage(
  store: Store,
  { workers, quiet, signal }: ReadOptions & { readonly workers: ChunkWorkers; readonly quiet: boolean },
): Promise<SoundStore> {
  const hierarchy = await readHierarchy(store, { signal });
  let bytes = 0;
  // The progress is all that needs to know.
  if (!quiet && store.unlisted === undefined)
    for await (const { size } of store.list({ signal })) bytes += size;
  const progress = createProgress(process.stderr, { verb: "Checking", bytes });
  try {
    const onProgress = quiet ? undefined : progress.update;
    const damage = await findDamage(store, { hierarchy, workers, signal, onProgress });
    const { arrays } = await summarizeLost(store, hierarchy, damage.values, { signal });
    return {
      store: await hideDamage(store, damage, { hierarchy, signal }),
      damage,
      damageOfArrays: [...arrays, ...summarizeInShards(hierarchy, damage.inShards)],
    };
  } finally {
    progress.clear();
  }
}
