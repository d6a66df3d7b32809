/**
 * Zarr hierarchies and OME-Zarr images behind one `Store` contract, for any container. Nothing here needs
 * Node; files and folders are in `@ozx/core/node`.
 *
 * @module
 */

export { blobSource } from "./bytes/blob.ts";
export type { ByteSink } from "./bytes/byte-sink.ts";
export { type ByteSource, checkRange, type ReadOptions } from "./bytes/byte-source.ts";
export { memorySink, memorySource } from "./bytes/memory.ts";
export * from "./errors.ts";
export type { Finding, FindingLevel, FindingSeverity } from "./findings/finding.ts";
export { formatForName, type OpenOptions, openStore, type StoreFormat } from "./store/format.ts";
export { compareKeys, isBelow, joinKey, keyDepth, keyName, parentKey } from "./store/keys.ts";
export { collectEntries, isListed } from "./store/list.ts";
export { type MemoryStore, memoryStore } from "./store/memory.ts";
export { resolveRange } from "./store/range.ts";
export type { AbsolutePath, ListOptions, RangeQuery, Store, StoreEntry } from "./store/store.ts";
export type { EntryInput, Progress, StoreTarget, WriteJob, WriteOptions } from "./store/target.ts";
export { formatChunkKey, parseChunkKey } from "./zarr/chunk-key.ts";
export { itemSizeOf } from "./zarr/data-type.ts";
export { readHierarchy } from "./zarr/hierarchy.ts";
export type { ArrayDescription, ArrayNode, BrokenNode, GroupNode, Hierarchy, ZarrNode } from "./zarr/node.ts";
export { readNode } from "./zarr/read-node.ts";
