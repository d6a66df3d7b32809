import { UsageError } from "../errors.js";
import { joinKey } from "../store/keys.js";
import type { AbsolutePath } from "../store/store.js";
import type { EntryInput, Piece } from "../store/target.js";
import { describeArrayV3 } from "../zarr/array-v3.js";
import { parseChunkKey } from "../zarr/chunk-key.js";
import { type JsonObject, stringifyJson } from "../zarr/json.js";
import type { ArrayDescription } from "../zarr/node.js";
import { assembleShards, type PlacedChunk } from "../zarr/shard/assemble.js";
import { shardDocument } from "../zarr/shard/shard-document.js";
import { autoShardShape, requestedShardShape, type ShardRequest } from "../zarr/shard/shard-shape.js";

/** The arrays of a hierarchy in Zarr v3 that are to be sharded: those that are levels of images. */
export type ShardableArrays = ReadonlyMap<AbsolutePath, JsonObject>;

/**
 * Replaces the chunks of arrays by shards that hold the same encoded bytes, and the arrays' metadata by that of
 * sharded arrays; all other entries stay. An array of a single chunk, or sharded already, stays as it is.
 *
 * @param entries with keys as Zarr v3 has them, their contents single values
 * @throws UsageError when a size asked for is no whole number of chunks
 */
export function shardEntries(
  entries: readonly EntryInput[],
  arrays: ShardableArrays,
  request: ShardRequest,
  location: string,
): EntryInput[] {
  const chunks = new Map<AbsolutePath, PlacedChunk<EntryInput>[]>();
  const described = new Map<AbsolutePath, ArrayDescription>();
  for (const [path, document] of arrays) {
    const array = describeArrayV3(document, { location, path: joinKey(path, "zarr.json").slice(1) });
    if (array.shardShape === undefined) described.set(path, array);
  }
  const kept = entries.filter((entry) => {
    const placed = placeChunk(entry, described);
    if (placed === undefined) return true;
    const list = chunks.get(placed.path) ?? [];
    list.push(placed.chunk);
    chunks.set(placed.path, list);
    return false;
  });
  const replaced = new Map<AbsolutePath, EntryInput>();
  const added: EntryInput[] = [];
  for (const [path, array] of described) {
    const placed = chunks.get(path) ?? [];
    const shardShape = shapeFor(path, array, placed, request, location);
    if (shardShape.every((extent, axis) => extent === array.chunkShape[axis])) {
      added.push(...placed.map(({ key }) => key));
      continue;
    }
    const content = stringifyJson(shardDocument(arrays.get(path) ?? {}, array, shardShape));
    const key = joinKey(path, "zarr.json");
    replaced.set(key, { key, size: content.length, content });
    for (const shard of assembleShards(placed, array, shardShape)) {
      const pieces = shard.chunks.map(({ key: chunk }): Piece => pieceOf(chunk));
      added.push({ key: joinKey(path, shard.key), size: shard.size, content: [...pieces, shard.index] });
    }
  }
  return [...kept.map((entry) => replaced.get(entry.key) ?? entry), ...added];
}

function placeChunk(
  entry: EntryInput,
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
): { path: AbsolutePath; chunk: PlacedChunk<EntryInput> } | undefined {
  for (let slash = entry.key.lastIndexOf("/"); slash > 0; slash = entry.key.lastIndexOf("/", slash - 1)) {
    const path = entry.key.slice(0, slash) as AbsolutePath;
    const array = arrays.get(path);
    if (array === undefined) continue;
    const position = parseChunkKey(entry.key.slice(slash + 1), array);
    return position && { path, chunk: { position, size: entry.size, key: entry } };
  }
  return undefined;
}

function pieceOf({ content, size }: EntryInput): Piece {
  if (typeof content === "string") return { key: content, size };
  if (content instanceof Uint8Array) return content;
  throw new TypeError("a chunk of several pieces cannot become part of a shard");
}

function shapeFor(
  path: AbsolutePath,
  array: ArrayDescription,
  placed: readonly PlacedChunk<EntryInput>[],
  request: ShardRequest,
  location: string,
): readonly number[] {
  if (request === "auto") {
    const bytes = placed.reduce((sum, { size }) => sum + size, 0);
    return autoShardShape(array, bytes / Math.max(1, placed.length));
  }
  const axes = (array.dimensionNames ?? []).map((name) => name ?? "");
  const shape = requestedShardShape(array, axes, request);
  if (!("axis" in shape)) return shape;
  throw new UsageError(
    `shards of ${shape.axis}=${request[shape.axis]} do not fit ${path.slice(1)} in ${location}, whose chunks have ${shape.chunk} along ${shape.axis}: ask for a multiple of ${shape.chunk}`,
  );
}
