import {
  type AbsolutePath,
  type ArrayDescription,
  type JsonObject,
  type Store,
  UnsupportedError,
} from "@ozx/core";
import { type EntryInput, parentKey } from "@ozx/core/container";
import {
  type CodingTask,
  codecOf,
  describeArrayV3,
  joinKey,
  omitMember,
  type Piece,
  parseChunkKey,
  type ShardLayout,
  type ShardRequest,
  shardLayout,
  smallerThanIndex,
  stringifyJson,
} from "@ozx/core/internal";
import { recodeArray, refuseUnknownAxes, shardShapeFor } from "./array-storage.js";
import { assembleShards, type PlacedChunk, shardDocument, unshardedDocument } from "./assemble-shards.js";
import type { CodecRequest } from "./codec-request.js";
import type { ArrayRewrite } from "./encoded-chunks.js";

/** What is asked for the arrays of a hierarchy in Zarr v3. */
export interface ArrayRequests {
  /** The arrays that are levels of images; others stay as they are, but for what `tasks` demands. */
  readonly levels: ReadonlySet<AbsolutePath>;
  /** For these; but all arrays are taken out of shards where there are to be none. */
  readonly shard: ShardRequest | undefined;
  /** Whether nobody asked for that: the shards cannot be kept. */
  readonly mustUnshard?: boolean | undefined;
  readonly codec: CodecRequest | undefined;
  /** What has to be done to chunks in any case. */
  readonly tasks: ReadonlyMap<AbsolutePath, CodingTask>;
}

/** The entries of a hierarchy whose arrays are as requested. */
export interface ArrayEntries {
  /** Those whose sizes are known. */
  readonly entries: readonly EntryInput[];
  /** The arrays whose chunks have to be made. */
  readonly rewrites: readonly ArrayRewrite[];
}

/**
 * Puts chunks into shards, and other codecs into arrays. Where the chunks' bytes stay as they are and were not
 * in shards, the shards' sizes are known; all else is made while the transfer runs.
 *
 * @param entries with keys as Zarr v3 has them, their contents single values
 * @param documents the `zarr.json` of every array
 * @throws UsageError when a size asked for is no whole number of chunks, or along an axis that no level has
 * @throws UnsupportedError when an array's chunks cannot be taken out or decoded
 * @throws CorruptDataError when a shard is smaller than its index
 */
export function arrayEntries(
  source: Store,
  entries: readonly EntryInput[],
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
  requests: ArrayRequests,
): ArrayEntries {
  const arrays = new Map<AbsolutePath, ArrayDescription>();
  const sharded = requests.shard === "none" ? shardedArrays(documents) : [];
  for (const path of new Set([...requests.levels, ...requests.tasks.keys(), ...sharded])) {
    const place = { location: source.name, path: joinKey(path, "zarr.json").slice(1) };
    arrays.set(path, describeArrayV3(documents.get(path) ?? {}, place));
  }
  if (requests.shard !== undefined) {
    const levels = [...arrays].flatMap(([path, array]) => (requests.levels.has(path) ? [array] : []));
    refuseUnknownAxes(levels, requests.shard, source.name);
  }
  const { others, chunks } = placeChunks(entries, arrays);
  const replaced = new Map<AbsolutePath, EntryInput>();
  const added: EntryInput[] = [];
  const rewrites: ArrayRewrite[] = [];
  for (const [path, array] of arrays) {
    const stored = chunks.get(path) ?? [];
    const document = documents.get(path) ?? {};
    const { task, codecs, shardShape } = planArray(path, array, stored, requests, source.name);
    const isSame = array.shardShape?.join() === shardShape?.join();
    if (task === undefined && isSame) {
      for (const { key } of stored) added.push(key);
      continue;
    }
    const flat = array.shardShape ? unshardedDocument(document, array, codecs) : { ...document, codecs };
    const content = stringifyJson(shardShape ? shardDocument(flat, array, shardShape) : flat);
    const key = joinKey(path, "zarr.json");
    replaced.set(key, { key, size: content.length, content });
    if (task === undefined && array.shardShape === undefined && shardShape !== undefined) {
      for (const shard of assembled(path, array, stored, shardShape)) added.push(shard);
    } else {
      const shards = array.shardShape && layoutOf(source, path, document, array, stored);
      const isUpgrade = task !== undefined && task === requests.tasks.get(path);
      const isRequired = isUpgrade || (requests.mustUnshard === true && shards !== undefined);
      rewrites.push({ path, array, shards, stored, task, isRequired, shardShape });
    }
  }
  for (const entry of withoutConsolidated(replaced.keys(), documents)) replaced.set(entry.key, entry);
  return { entries: [...others.map((entry) => replaced.get(entry.key) ?? entry), ...added], rewrites };
}

/** The documents of groups without their copies of metadata below them (`consolidated_metadata`), which are no longer true. */
function withoutConsolidated(
  changed: Iterable<AbsolutePath>,
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): EntryInput[] {
  const groups = new Set<AbsolutePath>();
  for (const key of changed) {
    for (let path = parentKey(key); path !== "/"; path = parentKey(path)) groups.add(parentKey(path));
  }
  return [...groups].flatMap((path) => {
    const document = documents.get(path);
    if (document === undefined || !Object.hasOwn(document, CONSOLIDATED)) return [];
    const content = stringifyJson(omitMember(document, CONSOLIDATED));
    return [{ key: joinKey(path, "zarr.json"), size: content.length, content }];
  });
}

const CONSOLIDATED = "consolidated_metadata";

function shardedArrays(documents: ReadonlyMap<AbsolutePath, JsonObject>): AbsolutePath[] {
  return [...documents].flatMap(([path, { codecs }]) => {
    const names = Array.isArray(codecs) ? codecs.map((codec: unknown) => codecOf(codec).name) : [];
    return names.includes("sharding_indexed") ? [path] : [];
  });
}

function planArray(
  path: AbsolutePath,
  array: ArrayDescription,
  stored: readonly PlacedChunk<EntryInput>[],
  { levels, shard, codec, tasks }: ArrayRequests,
  location: string,
): {
  readonly task: CodingTask | undefined;
  readonly codecs: readonly JsonObject[];
  readonly shardShape: readonly number[] | undefined;
} {
  const upgrade = tasks.get(path);
  if (!levels.has(path)) {
    const shardShape = shard === "none" ? undefined : array.shardShape;
    return { task: upgrade, codecs: array.codecs, shardShape };
  }
  const recoded = codec && recodeArray(array, upgrade, codec, { location, path });
  return {
    task: recoded?.task ?? upgrade,
    codecs: recoded?.codecs ?? array.codecs,
    shardShape: shard === undefined ? array.shardShape : shardShapeFor(path, array, stored, shard, location),
  };
}

/** Shards of chunks that stay as they are, byte for byte. */
function assembled(
  path: AbsolutePath,
  array: ArrayDescription,
  stored: readonly PlacedChunk<EntryInput>[],
  shardShape: readonly number[],
): EntryInput[] {
  return assembleShards(stored, array, shardShape).map((shard) => {
    const pieces = shard.chunks.map(({ key }): Piece => pieceOf(key));
    return { key: joinKey(path, shard.key), size: shard.size, content: [...pieces, shard.index] };
  });
}

function pieceOf({ content, size }: EntryInput): Piece {
  if (typeof content === "string") return { key: content, size };
  if (content instanceof Uint8Array) return content;
  throw new TypeError("a chunk of several pieces cannot become part of a shard");
}

/**
 * How the stored shards are made. Each is as large as its index at least, so that what is stored, and not a document
 * alone, bounds how many chunks are planned.
 */
function layoutOf(
  source: Store,
  path: AbsolutePath,
  document: JsonObject,
  array: ArrayDescription,
  stored: readonly PlacedChunk<EntryInput>[],
): ShardLayout {
  const location = source.name;
  const nested = array.codecs.some(({ name }) => name === "sharding_indexed");
  const layout = nested ? "they hold shards themselves" : shardLayout({ document, array });
  if (layout !== undefined && typeof layout !== "string") {
    const small = stored.find(({ size }) => size < layout.indexSize);
    if (small === undefined) return layout;
    throw smallerThanIndex(source, small.key.key, small.size);
  }
  const why = layout ?? "they are no whole chunks";
  throw new UnsupportedError(
    `the shards of ${path.slice(1)} in ${location} cannot be taken apart: ${why}; rewrite that array with zarr-python first`,
    { location, path: joinKey(path, "zarr.json"), feature: "shards" },
  );
}

/** The entries of a hierarchy, those that hold the chunks (or shards) of some arrays taken out. */
export interface PlacedEntries {
  readonly others: readonly EntryInput[];
  /** By array, in C order of their positions. */
  readonly chunks: ReadonlyMap<AbsolutePath, readonly PlacedChunk<EntryInput>[]>;
}

/** Takes out the chunks (or shards) of arrays. */
export function placeChunks(
  entries: readonly EntryInput[],
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
): PlacedEntries {
  const chunks = new Map<AbsolutePath, PlacedChunk<EntryInput>[]>();
  const others = entries.filter((entry) => {
    const placed = placeChunk(entry, arrays);
    if (placed === undefined) return true;
    const list = chunks.get(placed.path) ?? [];
    list.push(placed.chunk);
    chunks.set(placed.path, list);
    return false;
  });
  for (const list of chunks.values()) list.sort((a, b) => comparePositions(a.position, b.position));
  return { others, chunks };
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

function comparePositions(a: readonly number[], b: readonly number[]): number {
  for (let axis = 0; axis < a.length; axis++) {
    const difference = (a[axis] as number) - (b[axis] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
