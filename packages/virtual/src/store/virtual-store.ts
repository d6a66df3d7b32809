import type { Store, StoreDescriptor } from "@ozx/core";
import { type AbsolutePath, type ByteSource, type Finding, isOzxError, type ReadOptions } from "@ozx/core";
import { type FixedRange, isListed, parentKey, resolveRange } from "@ozx/core/container";
import { nameBelow, parseChunkKey } from "@ozx/core/internal";
import type { VirtualArray } from "../hierarchy/virtual-array.js";
import { type ChunkPlace, placeOf } from "./chunk-place.js";
import type { ChunkReader, StoredChunk } from "./chunk-reader.js";
import { fingerprintOf, partOf, streamPieces } from "./chunk-values.js";
import { CHUNK_KEY, listChunks, type OpenArray } from "./list-chunks.js";
import { readRuns, readRunsSync } from "./read-runs.js";
import { createDamage } from "./tolerant-chunks.js";

/** The files that a store reads. */
export interface VirtualFiles {
  /** The file that was opened first. */
  readonly main: ByteSource;
  /** The versions of the files that were opened so far, by their paths; undefined where one has none. */
  versions(): ReadonlyMap<string, string> | undefined;
  /** @throws SourceChangedError where a file has changed since it was opened */
  checkUnchanged(options?: ReadOptions): Promise<void>;
  /** Closes all files. */
  close(): Promise<void>;
}

/** The files of a store that has one. */
export function oneFile(source: ByteSource): VirtualFiles {
  return {
    main: source,
    versions() {
      const version = source.descriptor?.().version;
      return version === undefined ? undefined : new Map([["", version]]);
    },
    async checkUnchanged() {
      source.checkUnchanged?.();
    },
    close: () => source.close(),
  };
}

/** What a store is made of. */
export interface VirtualStoreParts<Plan extends VirtualArray> {
  /** In messages. */
  readonly name: string;
  /** The `id` of its format. */
  readonly format: string;
  readonly documents: ReadonlyMap<AbsolutePath, Uint8Array>;
  readonly arrays: ReadonlyMap<AbsolutePath, Plan>;
  /** What reads the chunks of an array. */
  readerOf(plan: Plan, path: AbsolutePath): ChunkReader;
  /** Bytes that the pixels of an array have in its files; undefined where its chunks are parts of files as they are. */
  storedBytesOf(plan: Plan, options?: ReadOptions): Promise<number | undefined>;
  /** Are closed with the store. */
  readonly files: VirtualFiles;
  /** Whether chunks can be read by calls that block, where the files can. */
  readonly canBlock: boolean;
  /** Whether the size of a chunk that is a part of a file is beside its pixels, and not in an index. */
  readonly hasSizesWithPixels?: boolean | undefined;
  readonly findings: readonly Finding[];
  /** Whether what cannot be read is missing, and reported as findings; errors by default. */
  readonly allowMissing?: boolean | undefined;
  /** How the store is opened again; undefined where it cannot be. */
  readonly descriptor?: StoreDescriptor | undefined;
}

/** The store over files of a foreign format: metadata documents are given, and chunks are parts of files, or made of them. */
export function virtualStore<Plan extends VirtualArray>(parts: VirtualStoreParts<Plan>): Store {
  const { name, format, documents, arrays, files, descriptor, allowMissing } = parts;
  const findings = [...parts.findings];
  const damage = allowMissing ? createDamage(name, findings) : undefined;
  const readerOf = (path: AbsolutePath, plan: Plan): ChunkReader => {
    const reader = parts.readerOf(plan, path);
    return damage?.tolerate(reader, plan, path) ?? reader;
  };
  const open = new Map<AbsolutePath, OpenArray>(
    [...arrays].map(([path, plan]) => [path, { path, plan, chunks: readerOf(path, plan) }]),
  );
  const find = (key: AbsolutePath): { array: OpenArray; place: ChunkPlace } | undefined => {
    const array = arrayAbove(open, key);
    const position =
      array && parseChunkKey(nameBelow(array.path, key), { chunkKey: CHUNK_KEY, shape: array.plan.shape });
    const place = array && position && placeOf(array.plan, position);
    return array && place && { array, place };
  };
  const chunk = async (
    key: AbsolutePath,
    options?: ReadOptions,
  ): Promise<StoredChunk | Uint8Array | undefined> => {
    const found = find(key);
    if (found === undefined) return undefined;
    const { array, place } = found;
    const known = array.chunks.known(place);
    const located = known === "unknown" ? await array.chunks.locate(place, options) : known;
    return located === "decoded" ? array.chunks.decode(place, options) : located;
  };

  const knownChunk = (key: AbsolutePath): StoredChunk | undefined | "unknown" => {
    const found = find(key);
    const known = found?.array.chunks.known(found.place);
    return known === "decoded" ? "unknown" : known;
  };

  return {
    name,
    format,
    findings,
    async get(key, options) {
      options?.signal?.throwIfAborted();
      const document = documents.get(key);
      if (document !== undefined) return document.slice();
      const found = await chunk(key, options);
      return found === undefined || found instanceof Uint8Array
        ? found
        : readRuns(found, 0, found.size, options);
    },
    async getRange(key, range, options) {
      options?.signal?.throwIfAborted();
      const found = documents.get(key) ?? (await chunk(key, options));
      if (found === undefined) return undefined;
      const isBytes = found instanceof Uint8Array;
      const { offset, length } = resolveRange(range, isBytes ? found.length : found.size);
      return isBytes ? found.slice(offset, offset + length) : readRuns(found, offset, length, options);
    },
    async stream(key, options) {
      options?.signal?.throwIfAborted();
      const found = documents.get(key) ?? (await chunk(key, options));
      return found && streamPieces(found, options);
    },
    async *list(options) {
      for (const [key, { length }] of documents) {
        if (isListed(key, options)) yield { key, size: length };
      }
      // Chunks are named by numbers only.
      if (options?.names?.every((one) => !/^\d+$/.test(one))) return;
      for (const array of open.values()) yield* listChunks(array, options);
    },
    ...(parts.canBlock &&
      files.main.readSync !== undefined && {
        readSync(key: AbsolutePath, target: Uint8Array) {
          const document = documents.get(key);
          const found = document ?? knownChunk(key);
          if (found === "unknown") return undefined;
          if (found === undefined) return 0;
          if (!(found instanceof Uint8Array)) return readRunsSync(found, target);
          const part = found.subarray(0, target.length);
          target.set(part);
          return part.length;
        },
      }),
    ...(files.main.locate !== undefined && {
      locate(key: AbsolutePath, range?: FixedRange) {
        const found = documents.has(key) ? undefined : knownChunk(key);
        return typeof found === "object" ? partOf(found, range) : undefined;
      },
    }),
    ...(files.versions() !== undefined && {
      fingerprint: (keys: Iterable<AbsolutePath>) => fingerprintOf(files.versions() ?? new Map(), keys),
    }),
    isListedSlowly: parts.hasSizesWithPixels === true && files.main.readSync === undefined,
    encodingOf: (path) => arrays.get(path)?.encoding,
    async storedBytesOf(path, options) {
      const plan = arrays.get(path);
      try {
        return plan && (await parts.storedBytesOf(plan, options));
      } catch (error) {
        // `list` has told what is missing.
        if (allowMissing && isOzxError(error)) return undefined;
        throw error;
      }
    },
    checkUnchanged: async (_, options) => files.checkUnchanged(options),
    ...(descriptor && { descriptor: () => descriptor }),
    close: () => files.close(),
  };
}

/** The array that a key of a chunk lies in: the chunk key has at most six parts. */
function arrayAbove(arrays: ReadonlyMap<AbsolutePath, OpenArray>, key: AbsolutePath): OpenArray | undefined {
  for (let path = parentKey(key); path !== "/"; path = parentKey(path)) {
    const array = arrays.get(path);
    if (array !== undefined) return array;
  }
  return undefined;
}
