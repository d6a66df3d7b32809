import {
  type AbsolutePath,
  type ArrayNode,
  type ChunkWorkers,
  type ReadOptions,
  readHierarchy,
  type Store,
  type StoreEntry,
} from "@ozx/core";
import { createThrottle, type Progress, readAhead } from "@ozx/core/container";
import {
  chunkDecoder,
  inlineWorkers,
  keyLocator,
  listEntries,
  loadCodecs,
  loadZarrita,
  shardLayout,
} from "@ozx/core/internal";
import {
  type Damage,
  damageIn,
  type HierarchyOptions,
  type LostInShard,
  type LostValue,
} from "./lost-values.js";
import { type ArrayParts, damageOfShard } from "./shard-damage.js";

/** The options of {@link findDamage}. */
export interface FindDamageOptions extends HierarchyOptions {
  /** Where chunks are decoded; in this thread by default. */
  readonly workers?: ChunkWorkers | undefined;
  /** Called with what has been checked, as it goes on. */
  readonly onProgress?: ((done: Progress) => void) | undefined;
}

/** Several chunks are read and decoded at once. */
const AT_ONCE = 8;

/**
 * Reads and decodes every chunk of a hierarchy, and finds those that cannot be: their checksum is wrong, or a codec
 * rejects them. Chunks whose codecs are not known are only read.
 *
 * @throws what reading the store throws, if it is not about one value
 */
export async function findDamage(
  store: Store,
  { workers = inlineWorkers(), onProgress, hierarchy, ...options }: FindDamageOptions = {},
): Promise<Damage> {
  const nodes = hierarchy ?? (await readHierarchy(store, options));
  const locate = keyLocator(nodes);
  const parts = { zarrita: await loadZarrita(), platform: await loadCodecs(), checker: workers };
  const arrays = new Map<AbsolutePath, ArrayParts>();
  const partsOf = (node: ArrayNode): ArrayParts => {
    const known = arrays.get(node.path);
    if (known !== undefined) return known;
    const decoder = chunkDecoder(node, parts);
    const shards = shardLayout(node);
    const prepared = {
      decoder: "rule" in decoder ? undefined : decoder,
      shards: typeof shards === "object" ? shards : undefined,
      isSharded: node.array.shardShape !== undefined,
      hasChecksum: node.array.codecs.some((codec) => (codec as { name?: unknown }).name === "crc32c"),
    };
    arrays.set(node.path, prepared);
    return prepared;
  };
  const values: LostValue[] = [];
  const inShards: LostInShard[] = [];
  const done = { entries: 0, bytes: 0 };
  const pause = createThrottle(options);
  const check = async (entry: StoreEntry): Promise<void> => {
    await pause();
    const located = locate(entry.key);
    if (located?.kind === "in-grid") {
      const found = await damageOf(store, entry, partsOf(located.node), options);
      values.push(...found.values);
      inShards.push(...found.inShards);
    }
    done.entries++;
    done.bytes += entry.size;
    onProgress?.({ ...done });
  };
  const onTooLong = (key: AbsolutePath, { message }: Error): void => {
    values.push({ key, reason: message });
  };
  for await (const _ of readAhead(listEntries(store, nodes, { ...options, onTooLong }), AT_ONCE, check)) {
    options.signal?.throwIfAborted();
  }
  return { values, inShards };
}

async function damageOf(
  store: Store,
  entry: StoreEntry,
  parts: ArrayParts,
  options: ReadOptions,
): Promise<Damage> {
  const { key } = entry;
  const lost = (reason: string): Damage => ({ values: [{ key, reason }], inShards: [] });
  try {
    if (parts.isSharded) return await damageOfShard(store, entry, parts, options);
    const bytes = await store.get(key, options);
    if (bytes === undefined) return lost("it is listed, but does not exist");
    const reason = await parts.decoder?.decode(bytes, options);
    options.signal?.throwIfAborted();
    return reason === undefined ? NONE : lost(`it ${reason}`);
  } catch (error) {
    const reason = damageIn(error);
    if (reason === undefined) throw error;
    return lost(reason);
  }
}

const NONE: Damage = { values: [], inShards: [] };
