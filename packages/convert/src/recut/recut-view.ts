import type { AbsolutePath, ChunkWorkers, ReadOptions, Store, StoreEntry } from "@ozx/core";
import {
  createThrottle,
  isBelow,
  isListed,
  keyName,
  type ListOptions,
  parentKey,
  resolveRange,
} from "@ozx/core/container";
import {
  countElements,
  fillElement,
  formatChunkKey,
  gridShape,
  itemSizeOf,
  joinKey,
  memoize,
  NODE_DOCUMENTS,
  nameBelow,
  parseChunkKey,
} from "@ozx/core/internal";
import type { GeneratedArray } from "../chunks/array-rewrite.js";
import { createBlockMemory, createSourceBlocks } from "./block-cache.js";
import { type ChunkEncoder, createChunkEncoder } from "./encode-chunk.js";
import { type ChunkMaker, createChunkMaker } from "./make-chunk.js";
import { plainNode, type Recut } from "./recut-array.js";
import { createSpareMemory } from "./spare-memory.js";
import { createStoredParts, type StoredParts, sourceKeysOf } from "./stored-parts.js";

/** A store some of whose arrays are made from the pixels of others, chunk by chunk as they are read. */
export interface RecutStore extends Store {
  /** How these arrays are to be written, by their paths. */
  readonly generatedArrays: ReadonlyMap<AbsolutePath, GeneratedArray>;
  /** The images whose lower levels are to be recomputed. */
  readonly remade: ReadonlySet<AbsolutePath>;
}

/** What is recut in a store: nothing in most of them. */
export function recutsIn(store: Store): Pick<RecutStore, "generatedArrays" | "remade"> {
  return isRecut(store) ? store : { generatedArrays: new Map(), remade: new Set() };
}

function isRecut(store: Store): store is RecutStore {
  return "generatedArrays" in store && "remade" in store;
}

/** Where chunks are made, and how much memory that may take. */
export interface RecutViewOptions {
  readonly workers: ChunkWorkers;
  /** The most bytes of decoded chunks that are kept until they are needed again. */
  readonly memory: number;
  readonly remade: ReadonlySet<AbsolutePath>;
}

/** Bytes of blocks that wait for others to be put into their memory. */
const MOST_SPARE = 128 * 1024 * 1024;

/** What a store is recut from. */
export interface RecutSource {
  /** Documents, and the values of everything that is not recut. */
  readonly base: Store;
  /** The pixels. */
  readonly pixels: Store;
  readonly recuts: ReadonlyMap<AbsolutePath, Recut>;
}

/**
 * A store that shows arrays recut, as they will be written but for their compression: with other chunks, a part of the
 * pixels, other values. A chunk is made when it is read. Of the chunks that would have nothing but the fill value, those
 * are not listed of which no chunk of the source is stored. Closing the view closes the source.
 */
export function recutView(
  { base, pixels, recuts }: RecutSource,
  { workers, memory, remade }: RecutViewOptions,
): RecutStore {
  const allocate = (bytes: number): ArrayBufferLike =>
    workers.sharesMemory ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  const cache = createBlockMemory(memory, createSpareMemory(allocate, MOST_SPARE));
  // Without shared memory, the bytes of a chunk are moved to the thread that encodes them.
  const chunks = workers.sharesMemory ? createSpareMemory(allocate, MOST_SPARE) : undefined;
  const arrays = new Map([...recuts].map(([path, recut]) => [path, openRecut(recut)] as const));

  function openRecut(recut: Recut): RecutArray {
    const node = plainNode(recut);
    const maker = memoize(async (): Promise<RecutMaker> => {
      const [element] = await fillElement(pixels, node);
      const fill = typeof element === "bigint" ? element : Number(element);
      const blocks = createSourceBlocks(pixels, recut, workers, cache);
      const maker = createChunkMaker(recut, blocks, fill);
      const encode = createChunkEncoder(recut, { blocks, maker, fill, workers, spare: chunks, memory });
      return { ...maker, encode };
    });
    const size = countElements(recut.chunkShape) * (itemSizeOf(recut.dtype) ?? 1);
    return { recut, node, size, maker, ratio: 1 };
  }

  /** The recut array that a key lies in, and the position of the chunk that it stands for. */
  const locate = (key: AbsolutePath): Located | undefined => {
    const array = arrayAbove(key);
    return array && { array, position: positionOf(key, array) };
  };

  const get = async (key: AbsolutePath, options?: ReadOptions): Promise<Uint8Array | undefined> => {
    const located = locate(key);
    if (located === undefined) return base.get(key, options);
    const { array, position } = located;
    return position && (await array.maker()).make(position, options);
  };

  const encode: GeneratedArray["encode"] = async (key, codecs, options) => {
    const { array, position } = locate(key) ?? {};
    return position && (await array?.maker())?.encode(position, codecs, options);
  };

  async function* list(options: ListOptions = {}): AsyncGenerator<StoreEntry> {
    const { prefix = "/", names, signal } = options;
    const found = new Map<RecutArray, StoredParts>();
    const isForDocuments = names?.every((one) => NODE_DOCUMENTS.includes(one)) ?? false;
    const above = [...arrays.keys()].find((path) => isBelow(prefix, path));
    for (const [path, array] of arrays) {
      if (!isForDocuments && (path === above || isBelow(path, prefix))) {
        found.set(array, createStoredParts(array.recut));
      }
    }
    const where = { prefix: above ?? prefix, names: isForDocuments ? names : undefined, signal };
    for await (const entry of base.list(where)) {
      const array = arrayAbove(entry.key);
      if (array !== undefined) found.get(array)?.add(entry);
      else if (isListed(entry.key, options)) yield entry;
    }
    const pause = createThrottle({ signal });
    for (const [array, parts] of found) {
      array.ratio = parts.ratio();
      for (const position of parts.positions()) {
        await pause();
        const key = joinKey(array.node.path, formatChunkKey(position, array.node.array.chunkKey));
        if (isListed(key, options)) yield { key, size: array.size };
      }
    }
  }

  function arrayAbove(key: AbsolutePath): RecutArray | undefined {
    if (NODE_DOCUMENTS.includes(keyName(key))) return undefined;
    for (let path = parentKey(key); ; path = parentKey(path)) {
      const array = arrays.get(path);
      if (array !== undefined || path === "/") return array;
    }
  }

  /** The keys of the source that values are made of. */
  function* sourceKeys(keys: Iterable<AbsolutePath>): Generator<AbsolutePath> {
    const seen = new Set<AbsolutePath>();
    for (const key of keys) {
      const located = locate(key);
      if (located === undefined) yield key;
      for (const at of located?.position ? sourceKeysOf(located.array.recut, located.position) : []) {
        if (seen.has(at)) continue;
        seen.add(at);
        yield at;
      }
    }
  }

  const { unlisted } = base;
  const unlistedView: Store["unlisted"] = unlisted && {
    documents: (options) => unlisted.documents(options),
    async size(key, options) {
      const located = locate(key);
      if (located === undefined) return unlisted.size(key, options);
      return located.position && located.array.size;
    },
  };
  const { name, format, findings, maxMetadata } = base;
  const fingerprint = base.fingerprint?.bind(base);
  const checkUnchanged = base.checkUnchanged?.bind(base);
  return {
    ...{ name, format, findings, maxMetadata, get, list, unlisted: unlistedView, remade },
    generatedArrays: new Map([...arrays].map(([path, array]) => [path, generatedArray(array, encode)])),
    async getRange(key, range, options) {
      if (locate(key) === undefined) return base.getRange(key, range, options);
      const bytes = await get(key, options);
      if (bytes === undefined) return undefined;
      const { offset, length } = resolveRange(range, bytes.length);
      return bytes.slice(offset, offset + length);
    },
    async stream(key, options) {
      if (locate(key) === undefined) return base.stream(key, options);
      const bytes = await get(key, options);
      return bytes && new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
    },
    ...(fingerprint && {
      fingerprint: (keys, options) => fingerprint(sourceKeys(keys), options),
    }),
    ...(checkUnchanged && {
      checkUnchanged: (keys, options) => checkUnchanged(keys && sourceKeys(keys), options),
    }),
    close: () => base.close(),
  };
}

/** A recut array that is open. */
interface RecutArray {
  readonly recut: Recut;
  /** The array as the view shows it. */
  readonly node: ReturnType<typeof plainNode>;
  /** Bytes of a chunk, not compressed. */
  readonly size: number;
  /** How many bytes its source stores for a byte of pixels, once it was listed. */
  ratio: number;
  maker(): Promise<RecutMaker>;
}

interface RecutMaker extends ChunkMaker {
  readonly encode: ChunkEncoder;
}

interface Located {
  readonly array: RecutArray;
  /** Undefined for a key that stands for no chunk of the array. */
  readonly position: readonly number[] | undefined;
}

function positionOf(key: AbsolutePath, { node: { path, array } }: RecutArray): readonly number[] | undefined {
  const position = parseChunkKey(nameBelow(path, key), array);
  const grid = gridShape(array.shape, array.chunkShape);
  return position?.every((at, axis) => at < (grid[axis] ?? 0)) ? position : undefined;
}

function generatedArray(array: RecutArray, encode: GeneratedArray["encode"]): GeneratedArray {
  const { recut } = array;
  const { node, start, extent, chunkShape, shardShape, dtype, codecs, project, rescale } = recut;
  const from = node.array.shardShape ?? node.array.chunkShape;
  return {
    ...{ codecs, shardShape, encode },
    recipe: JSON.stringify({ start, extent, chunkShape, dtype, project, rescale }),
    near: from.map((pixels, axis) => (project?.axes.includes(axis) ? 1 : pixels)),
    ratio: () => array.ratio,
  };
}
