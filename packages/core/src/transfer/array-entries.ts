import { UnsupportedError } from "../errors.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { joinKey, parentKey } from "../store/store-keys.js";
import type { EntryInput, Piece } from "../store/target.js";
import { codecOf } from "../zarr/codec/codec.js";
import type { CodecRequest } from "../zarr/codec/codec-request.js";
import type { CodingTask } from "../zarr/codec/coding-task.js";
import { type JsonObject, omitMember, stringifyJson } from "../zarr/json.js";
import { describeArrayV3 } from "../zarr/read-node.js";
import {
  assembleShards,
  type PlacedChunk,
  shardDocument,
  unshardedDocument,
} from "../zarr/shard/assemble-shards.js";
import { smallerThanIndex } from "../zarr/shard/shard-index-cache.js";
import type { ShardRequest } from "../zarr/shard/shard-layout.js";
import { type ShardLayout, shardLayout } from "../zarr/shard/shard-layout.js";
import type { ArrayDescription } from "../zarr/zarr-node.js";
import type { ArrayRewrite } from "./array-rewrite.js";
import { placeChunks } from "./place-chunks.js";
import { recodeArray } from "./recode.js";
import { refuseUnknownAxes, shardShapeFor } from "./shard-shape.js";

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
      const forced = isUpgrade || (requests.mustUnshard === true && shards !== undefined);
      rewrites.push({ path, array, shards, stored, task, forced, shardShape });
    }
  }
  for (const entry of withoutCopies(replaced.keys(), documents)) replaced.set(entry.key, entry);
  return { entries: [...others.map((entry) => replaced.get(entry.key) ?? entry), ...added], rewrites };
}

/** The documents of groups without their copies of metadata below them (`consolidated_metadata`), which are no longer true. */
function withoutCopies(
  changed: Iterable<AbsolutePath>,
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): EntryInput[] {
  const groups = new Set<AbsolutePath>();
  for (const key of changed) {
    for (let path = parentKey(key); path !== "/"; path = parentKey(path)) groups.add(parentKey(path));
  }
  return [...groups].flatMap((path) => {
    const document = documents.get(path);
    if (document === undefined || !Object.hasOwn(document, COPIES)) return [];
    const content = stringifyJson(omitMember(document, COPIES));
    return [{ key: joinKey(path, "zarr.json"), size: content.length, content }];
  });
}

const COPIES = "consolidated_metadata";

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
