import { type AbsolutePath, type ReadOptions, readHierarchy, type Store } from "@ozx/core";
import { resolveRange } from "@ozx/core/container";
import { crc32c, keyLocator, type ShardLayout, shardLayout } from "@ozx/core/internal";
import type { Damage, HierarchyOptions, LostInShard } from "./lost-values.js";

/**
 * A store without its damaged chunks. A missing chunk has the fill value, so they have; in shards they are taken out of
 * the index, and their bytes stay. Closing it closes the source.
 */
export async function hideDamage(store: Store, damage: Damage, options?: HierarchyOptions): Promise<Store> {
  const hidden = new Set<AbsolutePath>(damage.values.map(({ key }) => key));
  const indexes = await changedIndexes(store, damage, hidden, options);
  const { unlisted } = store;
  const { fingerprint, checkUnchanged, locate, encodingOf } = store;
  const isChanged = (key: AbsolutePath): boolean => hidden.has(key) || indexes.has(key);
  /** Bytes of a shard with its changed index. */
  const readShard = async (
    key: AbsolutePath,
    { from, length, ...index }: ChangedIndex & { readonly from: number; readonly length: number },
    reading?: ReadOptions,
  ): Promise<Uint8Array | undefined> => {
    const bytes = await store.getRange(key, { offset: from, length }, reading);
    if (bytes === undefined) return undefined;
    const start = Math.max(from, index.offset);
    const end = Math.min(from + bytes.length, index.offset + index.bytes.length);
    if (start < end) bytes.set(index.bytes.subarray(start - index.offset, end - index.offset), start - from);
    return bytes;
  };
  const view: Store = {
    name: store.name,
    format: store.format,
    findings: store.findings,
    maxMetadata: store.maxMetadata,
    async get(key, reading) {
      if (hidden.has(key)) return undefined;
      const index = indexes.get(key);
      if (index === undefined) return store.get(key, reading);
      return readShard(key, { ...index, from: 0, length: index.size }, reading);
    },
    async getRange(key, range, reading) {
      if (hidden.has(key)) return undefined;
      const index = indexes.get(key);
      if (index === undefined) return store.getRange(key, range, reading);
      const { offset, length } = resolveRange(range, index.size);
      return readShard(key, { ...index, from: offset, length }, reading);
    },
    async stream(key, reading) {
      if (hidden.has(key)) return undefined;
      const index = indexes.get(key);
      if (index === undefined) return store.stream(key, reading);
      return streamOf(index.size, (offset, length) =>
        readShard(key, { ...index, from: offset, length }, reading),
      );
    },
    async *list(listing) {
      for await (const entry of store.list(listing)) if (!hidden.has(entry.key)) yield entry;
    },
    unlisted: unlisted && {
      documents: (listing) => unlisted.documents(listing),
      size: async (key, reading) => (hidden.has(key) ? undefined : unlisted.size(key, reading)),
    },
    ...(locate && { locate: (key, range) => (isChanged(key) ? undefined : locate.call(store, key, range)) }),
    ...(fingerprint && { fingerprint: (keys, reading) => fingerprint.call(store, keys, reading) }),
    ...(checkUnchanged && { checkUnchanged: (keys, reading) => checkUnchanged.call(store, keys, reading) }),
    ...(encodingOf && { encodingOf: (array) => encodingOf.call(store, array) }),
    close: () => store.close(),
  };
  return view;
}

/** The index of a shard without its damaged chunks. */
interface ChangedIndex {
  /** Where it lies in the shard, and the bytes of the shard. */
  readonly offset: number;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** The indexes of the shards that have damaged chunks. */
async function changedIndexes(
  store: Store,
  { inShards }: Damage,
  hidden: ReadonlySet<AbsolutePath>,
  { hierarchy, ...options }: HierarchyOptions = {},
): Promise<ReadonlyMap<AbsolutePath, ChangedIndex>> {
  const byShard = new Map<AbsolutePath, LostInShard[]>();
  for (const lost of inShards) {
    if (hidden.has(lost.key)) continue;
    const chunks = byShard.get(lost.key);
    if (chunks === undefined) byShard.set(lost.key, [lost]);
    else chunks.push(lost);
  }
  const changed = new Map<AbsolutePath, ChangedIndex>();
  if (byShard.size === 0) return changed;
  const locate = keyLocator(hierarchy ?? (await readHierarchy(store, options)));
  for (const [key, chunks] of byShard) {
    const node = locate(key)?.node;
    const layout = node && shardLayout(node);
    const [first] = chunks;
    if (typeof layout !== "object" || first === undefined) continue;
    const offset = layout.location === "start" ? 0 : first.size - layout.indexSize;
    const bytes = await store.getRange(key, { offset, length: layout.indexSize }, options);
    if (bytes === undefined) continue;
    changed.set(key, { offset, size: first.size, bytes: withoutChunks(bytes, chunks, layout) });
  }
  return changed;
}

/** Bytes of a chunk in the index; all ones where it is missing, in either byte order. */
const SLOT_SIZE = 16;

function withoutChunks(index: Uint8Array, chunks: readonly LostInShard[], layout: ShardLayout): Uint8Array {
  const bytes = index.slice();
  for (const { chunk } of chunks) bytes.fill(0xff, chunk * SLOT_SIZE, (chunk + 1) * SLOT_SIZE);
  if (layout.checksum) {
    const end = bytes.length - 4;
    new DataView(bytes.buffer).setUint32(end, crc32c(bytes.subarray(0, end)), true);
  }
  return bytes;
}

const BLOCK = 1024 * 1024;

/** A value in blocks. */
function streamOf(
  size: number,
  read: (offset: number, length: number) => Promise<Uint8Array | undefined>,
): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const block = at < size ? await read(at, Math.min(BLOCK, size - at)) : undefined;
        if (block !== undefined) controller.enqueue(block);
        at += block?.length ?? size;
        if (at >= size) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
