import {
  type ByteSource,
  CorruptDataError,
  type Finding,
  isOzxError,
  type OzxError,
  type ReadOptions,
  UnknownFormatError,
  UnsupportedError,
} from "@ozx/core";
import { DamagedChunkError, loadCodecs } from "@ozx/core/codecs";
import { damagedFile, notice } from "@ozx/virtual";
import { HEADER_LENGTH, parseChunkHeader, parseChunkName } from "../parse/chunk.js";
import { type ChunkMap, MAP_NAME, parseChunkMap, parseTrailer, TRAILER_LENGTH } from "../parse/chunk-map.js";
import { Nd2Fault } from "../parse/fault.js";
import { compressedVariant, parseLiteVariant, type VariantLevel } from "../parse/lite-variant.js";
import { parseXmlVariant } from "../parse/xml-variant.js";
import { scanChunks } from "./scan-chunks.js";

/** An open ND2: where its chunks are. Frames are looked up when they are needed. */
export interface Nd2File {
  /** In messages. */
  readonly name: string;
  readonly source: ByteSource;
  readonly map: ChunkMap;
  /** Whether the file had no chunk map, so that its chunks were searched. */
  readonly isScanned: boolean;
  /**
   * The metadata of a kind, in the binary form of version 3 or in XML; undefined where there is none.
   *
   * @param kind as in `ImageAttributes` or `ImageMetadataSeq|0`
   * @throws InvalidArchiveError, InvalidMetadataError where it is damaged
   */
  metadata(kind: string, options?: ReadOptions): Promise<VariantLevel | undefined>;
  /** The data of a chunk by its name, of at most so many bytes; undefined where there is no such chunk. */
  data(chunk: string, most: number, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /**
   * Where the bytes of a frame are, without the time before them; undefined where the frame was never written.
   *
   * @throws CorruptDataError where the chunk map is wrong about it
   */
  frame(number: number, options?: ReadOptions): Promise<FrameBytes | undefined>;
  /** The error for what is wrong with the file, as the end of a sentence about it. */
  fault(what: string, cause?: unknown): OzxError;
  close(): Promise<void>;
}

/** A run of bytes of the file. */
export interface FrameBytes {
  readonly offset: number;
  readonly length: number;
}

/** The last bytes of the file, which most chunks of metadata and the map are in. */
const TAIL = 64 * 1024;
/** Bytes of a chunk of metadata that are read at first. */
const CHUNK_START = 4096;
/** Bytes of a frame's chunk that are read for its header and name. */
const FRAME_START = 64;
/** The longest map and the longest metadata: of millions of frames, and of thousands of positions. */
const LONGEST_MAP = 512 * 1024 * 1024;
const LONGEST_METADATA = 256 * 1024 * 1024;
/** Bytes of the time before the pixels of a frame. */
const TIME_BYTES = 8;

/**
 * Opens an ND2 of version 2.1 or later: reads its chunk map.
 *
 * @param start the first bytes of the file, a header of a chunk
 * @throws UnknownFormatError when it is not an ND2
 * @throws InvalidArchiveError when it is damaged
 */
export async function openNd2File(
  source: ByteSource,
  start: Uint8Array,
  options?: ReadOptions,
): Promise<Nd2File> {
  const { name, size } = source;
  const fault = (what: string, cause?: unknown): OzxError => damagedFile(source, what, cause);
  if (parseChunkHeader(start) === undefined) {
    throw new UnknownFormatError(`${name} is not an ND2`, { location: name });
  }
  const { read, moveTo } = await createTailReader(source, options);

  /** The data of a chunk of metadata; undefined where the chunk is not there. */
  const readChunk = async (at: number, chunk: string, most: number, options?: ReadOptions) => {
    if (at + HEADER_LENGTH > size) return undefined;
    // On a server each read is a request, and small chunks are whole in the first.
    const first = await read(at, Math.min(CHUNK_START, size - at), options);
    const header = parseChunkHeader(first);
    if (header === undefined) return undefined;
    const nameEnd = HEADER_LENGTH + header.nameLength;
    const end = nameEnd + header.dataLength;
    if (nameEnd > CHUNK_START || at + end > size || header.dataLength > most) return undefined;
    const bytes = end <= first.length ? first : await read(at, end, options);
    if (parseChunkName(bytes.subarray(HEADER_LENGTH, nameEnd)) !== chunk) return undefined;
    return bytes.subarray(nameEnd, end);
  };

  const readMap = async (): Promise<ChunkMap | undefined> => {
    if (size < TRAILER_LENGTH) return undefined;
    const offset = parseTrailer(await read(size - TRAILER_LENGTH, TRAILER_LENGTH, options));
    if (offset === undefined) return undefined;
    await moveTo(offset, options);
    const data = await readChunk(offset, MAP_NAME, LONGEST_MAP, options);
    try {
      return data && parseChunkMap(data);
    } catch (error) {
      if (error instanceof Nd2Fault) return undefined;
      throw error;
    }
  };
  const known = await readMap();
  const map = known ?? (await scanChunks(source, options));

  return {
    name,
    source,
    map,
    isScanned: known === undefined,
    async metadata(kind, options) {
      const binary = kind.replace(/(?=\||$)/, "LV");
      const chunk = map.chunks.has(binary) ? binary : kind;
      const at = map.chunks.get(chunk);
      if (at === undefined) return undefined;
      const bytes = await readChunk(at, chunk, LONGEST_METADATA, options);
      if (bytes === undefined) throw fault(`has no ${chunk} at ${at}, where its chunk map says that it is`);
      if (chunk === kind) return parseXmlVariant(bytes, { location: name, what: chunk }, options);
      try {
        return parseLiteVariant(await decompress(bytes));
      } catch (error) {
        if (error instanceof Nd2Fault) throw fault(`${error.message} in ${chunk}`, error);
        throw error;
      }
    },
    async data(chunk, most, options) {
      const at = map.chunks.get(chunk);
      return at === undefined ? undefined : readChunk(at, chunk, most, options);
    },
    async frame(number, options) {
      const at = map.frames.get(number);
      if (at === undefined) return undefined;
      const chunk = `ImageDataSeq|${number}`;
      const start = await read(Math.min(at, size), Math.min(FRAME_START, Math.max(0, size - at)), options);
      const header = parseChunkHeader(start);
      if (header === undefined || parseChunkName(start.subarray(HEADER_LENGTH)) !== chunk) {
        throw corruptFrame(source, `it has no ${chunk} at ${at}, where its chunk map says that it is`);
      }
      const offset = at + HEADER_LENGTH + header.nameLength + TIME_BYTES;
      const length = header.dataLength - TIME_BYTES;
      if (length < 0 || offset + length > size) throw corruptFrame(source, `it ends within ${chunk}`);
      return { offset, length };
    },
    fault,
    close: () => source.close(),
  };
}

/** The error for a frame that cannot be read, by what is wrong with it, as a sentence. */
export function corruptFrame(source: ByteSource, what: string, cause?: unknown): OzxError {
  source.checkUnchanged?.();
  return new CorruptDataError(
    `${source.name} is damaged or was not copied completely: ${what}`,
    { location: source.name },
    { cause },
  );
}

/**
 * The error for a frame that does not decode; it may come from another thread, where it has lost its own class.
 *
 * @param what the frame, as the start of a sentence
 */
export function nameFrame(error: unknown, source: ByteSource, what: string): unknown {
  if (!isOzxError(error) || !("reason" in error)) return error;
  const reason = String(error.reason);
  if (isOzxError(error, "CorruptData")) return corruptFrame(source, `${what} ${reason}`, error);
  if (!isOzxError(error, "Unsupported")) return error;
  return new UnsupportedError(
    `${what} of ${source.name} cannot be read: it ${reason}`,
    { location: source.name, feature: error.feature },
    { cause: error },
  );
}

/** The finding for a file whose chunks were searched. */
export function scannedFinding({ name, map }: Nd2File): Finding {
  return notice(
    "no-chunk-map",
    `${name} has no chunk map, or a damaged one: the chunks of ${map.frames.size} frames were found without it.`,
    "Copy the file again where it is complete; if the acquisition was interrupted, this is all there is.",
  );
}

/** Reads of a file, of which the end is read once. */
async function createTailReader(source: ByteSource, options?: ReadOptions) {
  const { size } = source;
  let start = Math.max(0, size - TAIL);
  let tail = await source.read(start, size - start, options);
  return {
    async read(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array> {
      const at = offset - start;
      return at >= 0 && at + length <= tail.length
        ? tail.subarray(at, at + length)
        : source.read(offset, length, options);
    },
    /** Has what is around the map in memory, where that is longer than the tail: its start, and the metadata before. */
    async moveTo(map: number, options?: ReadOptions): Promise<void> {
      if (map >= start || map > size) return;
      const from = Math.max(0, map - TAIL);
      tail = await source.read(from, Math.min(size, map + CHUNK_START) - from, options);
      start = from;
    },
  };
}

/** @throws Nd2Fault */
async function decompress(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = compressedVariant(bytes);
  if (stream === undefined) return bytes;
  const { zlib } = await loadCodecs();
  try {
    return zlib.decode(stream, { atMost: LONGEST_METADATA });
  } catch (error) {
    if (!(error instanceof DamagedChunkError)) throw error;
    throw new Nd2Fault(`has metadata that ${error.reason}`);
  }
}
