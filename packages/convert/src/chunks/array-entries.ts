import {
  type AbsolutePath,
  type ArrayDescription,
  type JsonObject,
  type ReadOptions,
  type Store,
  UnsupportedError,
} from "@ozx/core";
import {
  createThrottle,
  type EntryInput,
  forEachInSlices,
  parentKey,
  sortInSlices,
} from "@ozx/core/container";
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
} from "@ozx/core/internal";
import { type ArrayRewrite, comparePositions, type GeneratedArray, nearFirst } from "./array-rewrite.js";
import {
  dropChecksum,
  encodingTask,
  recodeArray,
  refuseUnknownAxes,
  shardShapeFor,
} from "./array-storage.js";
import { type PlacedChunk, shardAssembler, shardDocument, unshardedDocument } from "./assemble-shards.js";
import { type CodecRequest, codecsInShard, withoutChecksum } from "./codec-request.js";
import { documentInput } from "./document-entries.js";
import { type NestedArray, nestedArray } from "./nested-shards.js";

/** How the arrays of a Zarr v3 hierarchy are to be stored. */
export interface ArrayRequests {
  /** The arrays that are levels of images: `shard` and `codec` apply to these. */
  readonly levels: ReadonlySet<AbsolutePath>;
  /** Unlike other requests, `none` applies to all arrays. */
  readonly shard: ShardRequest | undefined;
  /** Whether `shard` is `none` because the target cannot hold shards, not because of an option. */
  readonly mustUnshard?: boolean | undefined;
  readonly codec: CodecRequest | undefined;
  /** How the chunks of an array must be converted, whatever is requested. */
  readonly tasks: ReadonlyMap<AbsolutePath, CodingTask>;
  /** Arrays whose chunks are made when they are read. */
  readonly generatedArrays?: ReadonlyMap<AbsolutePath, GeneratedArray> | undefined;
}

/** The entries of a hierarchy whose arrays are stored as requested. */
export interface ArrayEntries {
  /** Entries whose sizes are known. */
  readonly entries: readonly EntryInput[];
  /** Arrays whose chunks are generated while the transfer runs. */
  readonly rewrites: readonly ArrayRewrite[];
}

/**
 * Plans how arrays get other shards and codecs. Separate chunks that keep their bytes become shards of known size here;
 * everything else is left to `rewrites`.
 *
 * @param entries with Zarr v3 keys, each the copy of one value
 * @param documents the `zarr.json` of every node
 * @throws UsageError if a requested size is not a whole number of chunks, or along an axis that no level has
 * @throws UnsupportedError if an array's chunks cannot be taken out of its shards, or decoded
 * @throws CorruptDataError if a shard is smaller than its index
 */
export async function arrayEntries(
  source: Store,
  entries: readonly EntryInput[],
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
  requests: ArrayRequests,
  options?: ReadOptions,
): Promise<ArrayEntries> {
  const arrays = new Map<AbsolutePath, ArrayDescription>();
  const nested = new Map<AbsolutePath, NestedArray>();
  const sharded = requests.shard === "none" ? arraysWith("sharding_indexed", documents) : [];
  const checked = requests.mustUnshard ? arraysWith("crc32c", documents) : [];
  const mustChange = [
    ...requests.tasks.keys(),
    ...(requests.generatedArrays?.keys() ?? []),
    ...sharded,
    ...checked,
  ];
  for (const path of new Set([...requests.levels, ...mustChange])) {
    const where = { location: source.name, path: joinKey(path, "zarr.json").slice(1) };
    const document = documents.get(path) ?? {};
    const array = describeArrayV3(document, where);
    const innermost = requests.shard === "none" ? nestedArray(document, array) : undefined;
    if (typeof innermost === "string") throw cannotSplit(source.name, path, innermost);
    if (innermost !== undefined) nested.set(path, innermost);
    arrays.set(path, innermost?.array ?? array);
  }
  if (requests.shard !== undefined) {
    const levels = [...arrays].flatMap(([path, array]) => (requests.levels.has(path) ? [array] : []));
    refuseUnknownAxes(levels, requests.shard, source.name);
  }
  const { others, chunks } = await placeChunks(entries, arrays, options);
  const pause = createThrottle(options);
  const replaced = new Map<AbsolutePath, EntryInput>();
  const added: EntryInput[] = [];
  const rewrites: ArrayRewrite[] = [];
  for (const [path, array] of arrays) {
    await pause();
    const generated = requests.generatedArrays?.get(path);
    const inOrder = chunks.get(path) ?? [];
    const stored = generated ? await nearFirst(generated, inOrder, array.chunkShape, options) : inOrder;
    const document = documents.get(path) ?? {};
    const { task, codecs, shardShape } = planArray({ path, array, stored }, requests, source.name);
    const isSame = array.shardShape?.join() === shardShape?.join();
    if (task === undefined && isSame) {
      for (const { key } of stored) added.push(key);
      continue;
    }
    const flat = array.shardShape ? unshardedDocument(document, array, codecs) : { ...document, codecs };
    const key = joinKey(path, "zarr.json");
    replaced.set(key, documentInput(key, shardShape ? shardDocument(flat, array, shardShape) : flat));
    if (task === undefined && array.shardShape === undefined && shardShape !== undefined) {
      const add = (shard: EntryInput): void => void added.push(shard);
      await forEachShard({ path, array, stored }, shardShape, add, options);
    } else {
      const shards =
        nested.get(path)?.shards ?? (array.shardShape && layoutOf(source, document, { path, array, stored }));
      const isUpgrade = task !== undefined && task === requests.tasks.get(path) && generated === undefined;
      const isRequired = isUpgrade || (requests.mustUnshard === true && shards !== undefined);
      rewrites.push({ path, array, shards, stored, task, isRequired, shardShape, generated });
    }
  }
  for (const entry of withoutConsolidated(replaced.keys(), documents)) replaced.set(entry.key, entry);
  return { entries: [...others.map((entry) => replaced.get(entry.key) ?? entry), ...added], rewrites };
}

/** The documents of groups above changed nodes, without their outdated copies of metadata (`consolidated_metadata`). */
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
    return [documentInput(joinKey(path, "zarr.json"), omitMember(document, CONSOLIDATED))];
  });
}

const CONSOLIDATED = "consolidated_metadata";

function arraysWith(codec: string, documents: ReadonlyMap<AbsolutePath, JsonObject>): AbsolutePath[] {
  return [...documents].flatMap(([path, { codecs }]) => {
    const names = Array.isArray(codecs) ? codecs.map((codec: unknown) => codecOf(codec).name) : [];
    return names.includes(codec) ? [path] : [];
  });
}

/** An array and its stored objects (chunks, or shards), in C order of their positions. */
interface StoredArray {
  readonly path: AbsolutePath;
  readonly array: ArrayDescription;
  readonly stored: readonly PlacedChunk<EntryInput>[];
}

function planArray(
  { path, array, stored }: StoredArray,
  { levels, shard, mustUnshard, codec, tasks, generatedArrays }: ArrayRequests,
  location: string,
): {
  readonly task: CodingTask | undefined;
  readonly codecs: readonly JsonObject[];
  readonly shardShape: readonly number[] | undefined;
} {
  const own = generatedArrays?.get(path);
  const upgrade = own ? encodingTask(array, own.codecs) : tasks.get(path);
  const where = { location, path };
  const isLevel = levels.has(path);
  const isKept = shard === undefined || (shard !== "none" && !isLevel);
  const present = own ? own.shardShape : array.shardShape;
  const sizes = own ? stored.map(({ size }) => ({ size: size * own.ratio() })) : stored;
  const shardShape = isKept ? present : shardShapeFor(array, sizes, shard, where);
  const isSharded = shardShape !== undefined;
  const recoded = isLevel && codec ? recodeArray(array, upgrade, { codec, isSharded }, where) : undefined;
  if (recoded === undefined && own !== undefined) {
    const kept = mustUnshard ? withoutChecksum(own.codecs) : own.codecs;
    const to = isSharded ? codecsInShard(kept) : kept;
    return { task: encodingTask(array, to), codecs: [...array.codecs, ...to], shardShape };
  }
  const { task = upgrade, codecs = array.codecs } = recoded ?? ((mustUnshard && dropChecksum(array)) || {});
  return { task, codecs, shardShape };
}

/** Visits the shards of chunks that keep their bytes, as entries of several pieces. */
async function forEachShard(
  { path, array, stored }: StoredArray,
  shardShape: readonly number[],
  visit: (shard: EntryInput) => void,
  options?: ReadOptions,
): Promise<void> {
  const assembler = shardAssembler<EntryInput>(array, shardShape);
  await forEachInSlices(stored, assembler.add, options);
  const pause = createThrottle(options);
  for (const shard of assembler.shards()) {
    const pieces = shard.chunks.map(({ key }): Piece => pieceOf(key));
    visit({ key: joinKey(path, shard.key), size: shard.size, content: [...pieces, shard.index] });
    await pause();
  }
}

function pieceOf({ content, size }: EntryInput): Piece {
  if (typeof content === "string") return { key: content, size };
  if (content instanceof Uint8Array) return content;
  throw new TypeError("a chunk of several pieces cannot be put into a shard");
}

/**
 * The layout of the stored shards. Each must be at least as large as its index: so the stored bytes, and not only what a
 * document claims, bound how many chunks are planned.
 */
function layoutOf(source: Store, document: JsonObject, { path, array, stored }: StoredArray): ShardLayout {
  const location = source.name;
  if (typeof nestedArray(document, array) === "object") {
    const wayOut = "take its chunks out of them with --shard none first";
    throw cannotSplit(location, path, "they contain shards, or are encoded again as a whole", wayOut);
  }
  const layout = shardLayout({ document, array });
  if (layout !== undefined && typeof layout !== "string") {
    const small = stored.find(({ size }) => size < layout.indexSize);
    if (small === undefined) return layout;
    throw smallerThanIndex(source, small.key.key, small.size);
  }
  throw cannotSplit(location, path, layout ?? "their shape is not a multiple of the chunk shape");
}

function cannotSplit(
  location: string,
  path: AbsolutePath,
  why: string,
  wayOut = "rewrite that array with zarr-python first",
): UnsupportedError {
  return new UnsupportedError(
    `the shards of ${path.slice(1)} in ${location} cannot be split into chunks: ${why}; ${wayOut}`,
    { location, path: joinKey(path, "zarr.json"), feature: "shards" },
  );
}

/** Separates the chunks (or shards) of arrays, in C order of their positions, from all other entries. */
async function placeChunks(
  entries: readonly EntryInput[],
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
  options?: ReadOptions,
): Promise<{
  readonly others: readonly EntryInput[];
  readonly chunks: ReadonlyMap<AbsolutePath, readonly PlacedChunk<EntryInput>[]>;
}> {
  const chunks = new Map<AbsolutePath, PlacedChunk<EntryInput>[]>();
  const others: EntryInput[] = [];
  const place = (entry: EntryInput): void => {
    const placed = placeChunk(entry, arrays);
    if (placed === undefined) {
      others.push(entry);
      return;
    }
    const list = chunks.get(placed.path) ?? [];
    list.push(placed.chunk);
    chunks.set(placed.path, list);
  };
  await forEachInSlices(entries, place, options);
  const compare = (a: PlacedChunk<EntryInput>, b: PlacedChunk<EntryInput>): number =>
    comparePositions(a.position, b.position);
  for (const [path, list] of chunks) chunks.set(path, await sortInSlices(list, compare, options));
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
