import { type AbsolutePath, isOzxError, type ReadOptions, type Store, type StoreDescriptor } from "@ozx/core";
import {
  createThrottle,
  type FilePart,
  type FixedRange,
  isListed,
  parentKey,
  resolveRange,
  type StoreFingerprint,
} from "@ozx/core/container";
import { crc32c, nameBelow, parseChunkKey } from "@ozx/core/internal";
import type { RegionDecoder } from "../decode/decode-region.js";
import type { Layout } from "../layouts/layout.js";
import type { FileSet } from "../read/file-set.js";
import { createSegmentReader } from "../read/segments.js";
import type { ArrayPlan } from "./array-plan.js";
import { type ChunkPlace, placeOf } from "./chunk-place.js";
import { colourFindings } from "./colour-findings.js";
import { buildHierarchy } from "./hierarchy.js";
import { CHUNK_KEY, listChunks, type OpenArray } from "./list-chunks.js";
import { type ChunkReader, createChunkReader } from "./read-chunk.js";
import { readRuns, readRunsSync } from "./read-runs.js";
import { storedBytes } from "./stored-bytes.js";
import type { StoredChunk } from "./stored-chunk.js";
import { createDamage } from "./tolerant-chunks.js";

/** A `Store` over a TIFF, or a set of them. */
export interface TiffStore extends Store {
  /** What the file was recognized as. */
  readonly layout: Layout;
  /** How the levels are stored in the file, by the paths of their arrays. */
  readonly arrays: ReadonlyMap<AbsolutePath, ArrayPlan>;
}

/** What a store is made of. */
export interface TiffStoreParts {
  /** In messages. */
  readonly name: string;
  readonly layout: Layout;
  /** Decodes tiles and strips. */
  readonly decode: RegionDecoder;
  /** Whether what cannot be read is missing, and reported as findings; errors by default. */
  readonly allowMissing?: boolean | undefined;
  /** Are closed with the store. */
  readonly files: FileSet;
  /** How the store is opened again; undefined where it cannot be. */
  readonly descriptor?: StoreDescriptor | undefined;
}

/** Bytes of a piece of a stream. */
const PIECE = 1024 * 1024;

/**
 * The store over a TIFF: metadata documents are made of the layout, and chunks are parts of the file.
 *
 * @throws UnsupportedError where pixels are of a type or compression that cannot be read
 */
export function tiffStore(parts: TiffStoreParts): TiffStore {
  const { name, layout, decode, files, descriptor, allowMissing } = parts;
  const { documents, arrays } = buildHierarchy(layout, name);
  const access = { segmentsOf: createSegmentReader(), decode };
  const findings = [...layout.findings, ...colourFindings(name, arrays.values())];
  const damage = allowMissing ? createDamage(name, findings) : undefined;
  const readerOf = (path: AbsolutePath, plan: ArrayPlan): ChunkReader => {
    const reader = createChunkReader(plan, path, access);
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
  const canBlock = files.first.source.readSync !== undefined && [...arrays.values()].every(isInOneFile);

  return {
    name,
    format: "tiff",
    findings,
    layout,
    arrays,
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
      if (options?.names?.every((name) => !/^\d+$/.test(name))) return;
      for (const array of open.values()) yield* listChunks(array, options);
    },
    ...(canBlock && {
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
    ...(files.first.source.locate !== undefined && {
      locate(key: AbsolutePath, range?: FixedRange) {
        const found = documents.has(key) ? undefined : knownChunk(key);
        return typeof found === "object" ? partOf(found, range) : undefined;
      },
    }),
    ...(files.versions() !== undefined && {
      fingerprint: (keys: Iterable<AbsolutePath>) => fingerprintOf(files, keys),
    }),
    encodingOf: (path) => arrays.get(path)?.encoding,
    async storedBytesOf(path, options) {
      const plan = arrays.get(path);
      try {
        return plan && (await storedBytes(plan, access.segmentsOf, options));
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

/**
 * Whether the chunks of an array are parts of one file. What is decoded, or in files that are opened first, is better read
 * several at once.
 */
function isInOneFile({ access, level }: ArrayPlan): boolean {
  if (access === "decoded") return false;
  const plane = level.planes.at(0);
  if (!(plane instanceof Promise)) return true;
  plane.catch(() => {});
  return false;
}

/** Where a chunk, or a range of it, lies in a file; undefined where that is not one run. */
function partOf({ size, runs }: StoredChunk, range?: FixedRange): FilePart | undefined {
  const [run] = runs;
  const { offset, length } = range ?? { offset: 0, length: size };
  const isRun = run !== undefined && runs.length === 1 && run.at === 0;
  if (!isRun || offset < 0 || offset + length > run.length) return undefined;
  return run.file.source.locate?.({ offset: run.offset + offset, length });
}

/** Identifies the files that were opened, and the keys. */
async function fingerprintOf(files: FileSet, keys: Iterable<AbsolutePath>): Promise<StoreFingerprint> {
  const encoder = new TextEncoder();
  const pause = createThrottle();
  const versions = [...(files.versions() ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  let count = 0;
  let sum = crc32c(encoder.encode(JSON.stringify(versions)));
  for (const key of keys) {
    count++;
    sum = crc32c(encoder.encode(`${sum} ${key}`));
    await pause();
  }
  return { text: `${count} values in ${versions.length} files, ${sum.toString(16)}` };
}

/** The array that a key of a chunk lies in: the chunk key has at most six parts. */
function arrayAbove(arrays: ReadonlyMap<AbsolutePath, OpenArray>, key: AbsolutePath): OpenArray | undefined {
  for (let path = parentKey(key); path !== "/"; path = parentKey(path)) {
    const array = arrays.get(path);
    if (array !== undefined) return array;
  }
  return undefined;
}

function streamPieces(found: Uint8Array | StoredChunk, options?: ReadOptions): ReadableStream<Uint8Array> {
  const isBytes = found instanceof Uint8Array;
  const size = isBytes ? found.length : found.size;
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      options?.signal?.throwIfAborted();
      if (at >= size) return controller.close();
      const length = Math.min(PIECE, size - at);
      const piece = isBytes ? found.slice(at, at + length) : await readRuns(found, at, length, options);
      at += length;
      controller.enqueue(piece);
    },
  });
}
