import type { AsyncReadable } from "zarrita";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import type { Codecs } from "../../codecs/codecs.js";
import { type Finding, violation } from "../../findings.js";
import { countElements } from "../../image/grid-order.js";
import { type Codec, codecOf, DECODABLE, plainName, unknownCodec } from "../codec/codec.js";
import { type ChunkCheck, decodeFailure, runChunkCheck, wrongSize } from "../codec/decode-bytes.js";
import { filterFault, splitCodecsV2 } from "../codec/filters-v2.js";
import type { Zarrita } from "../codec/load-zarrita.js";
import { itemSizeOf } from "../data-types.js";
import { isJsonObject, type JsonObject, stringifyJson } from "../json.js";
import type { ArrayNode } from "../zarr-node.js";
import { CHUNK_UNCHECKED, CODEC_UNKNOWN } from "./zarr-rules.js";

/** Runs checks of chunks: in other threads, or here. */
export interface ChunkChecker {
  /** How many are useful at once. */
  readonly atOnce: number;
  /** Returns what is wrong, as the end of a sentence about the chunk; bytes where nothing is. */
  run(
    task: ChunkCheck,
    bytes: Uint8Array,
    options?: ReadOptions & { readonly isSpare?: boolean },
  ): Promise<Uint8Array | string>;
}

/** Checks that chunks of one array decode. */
export interface ChunkDecoder {
  /** How many chunks are decoded at once where there are others to decode them. */
  readonly atOnce: number;
  /** The bytes of a decoded chunk; an estimate for types of variable length. */
  readonly size: number;
  /** Decodes a chunk, whose buffer must not be used afterwards if it has no other bytes. Returns what is wrong, as the end of a sentence about the chunk; undefined where nothing is. */
  decode(bytes: Uint8Array, options?: ReadOptions): Promise<string | undefined>;
}

/** Larger chunks are not decoded, since that takes several times as much memory. */
export const LARGEST_CHUNK = 1024 * 1024 * 1024;

/** What chunks are decoded with. */
export interface DecoderParts {
  /** Loaded only when chunks are decoded. */
  readonly zarrita: Zarrita;
  readonly platform: Codecs;
  /** Decodes what does not depend on the elements; by default, this thread does. */
  readonly checker?: ChunkChecker | undefined;
}

/**
 * The decoder for an array's chunks (inner chunks where there are shards), or a finding why they cannot be checked.
 */
export function chunkDecoder(
  node: ArrayNode,
  { zarrita, platform, checker }: DecoderParts,
): ChunkDecoder | Finding {
  const { path, array } = node;
  if (!hasCodecsV2(node)) {
    return violation(
      CODEC_UNKNOWN,
      path,
      `The filters or the compressor of the array ${path} are not codecs.`,
    );
  }
  const codecs = array.codecs.map(codecOf);
  const unknown = unknownCodec(array.codecs, zarrita.registry);
  if (unknown !== undefined) {
    return violation(CODEC_UNKNOWN, path, `The codec ${unknown} of the array ${path} is not supported.`);
  }
  const elements = countElements(array.chunkShape);
  const itemSize = itemSizeOf(array.dtype);
  if (elements * (itemSize ?? 1) > LARGEST_CHUNK) {
    return violation(CHUNK_UNCHECKED, path, `The chunks of the array ${path} are larger than 1 GiB each.`);
  }
  if (itemSize !== undefined && codecs.every(({ name }) => BYTES_ONLY.has(plainName(name)))) {
    return bytesDecoder(codecs, elements * itemSize, { platform, checker });
  }
  const unsupported = itemSize === undefined ? undefined : unsupportedByZarrita(node);
  if (unsupported !== undefined) {
    return violation(
      CHUNK_UNCHECKED,
      path,
      `The codecs of the array ${path} cannot be decoded here: ${unsupported}.`,
    );
  }
  return typedDecoder(node, elements, zarrita);
}

/** Whether the filters and compressor of a v2 document are valid codecs: `array.codecs` omits those that are not. */
function hasCodecsV2({ zarrFormat, document }: ArrayNode): boolean {
  if (zarrFormat !== 2) return true;
  const { filters, compressor } = document;
  const isCodec = (value: unknown): boolean => isJsonObject(value) && typeof value["id"] === "string";
  return (
    (filters === undefined || filters === null || (Array.isArray(filters) && filters.every(isCodec))) &&
    (compressor === undefined || compressor === null || isCodec(compressor))
  );
}

/** Codecs that do not depend on what the elements are. */
const BYTES_ONLY: ReadonlySet<string> = new Set([
  ...["bytes", "transpose", "bitround", "blosc", "zstd", "gzip", "zlib", "lz4", "crc32c", "shuffle"],
]);

/** Why zarrita cannot decode codecs that calculate, though the chunks may be valid; undefined where it can. */
function unsupportedByZarrita({ zarrFormat, document, array: { dtype } }: ArrayNode): string | undefined {
  // Not every engine has Float16Array.
  if (!/^(?:u?int(?:8|16|32|64)|float(?:32|64)|bool)$/.test(dtype)) return `they calculate with ${dtype}`;
  if (zarrFormat === 3) return undefined;
  const faults = splitCodecsV2(document).filters.map((filter) => filterFault(filter, document["dtype"]));
  return faults.find((fault) => fault !== undefined);
}

/** Decodes chunks of codecs that do not depend on the elements, whose data type need not exist in JavaScript. */
function bytesDecoder(
  codecs: readonly Codec[],
  size: number,
  { platform, checker }: Omit<DecoderParts, "zarrita">,
): ChunkDecoder {
  const ofBytes = codecs.filter(({ name }) => DECODABLE.has(plainName(name)));
  const task: ChunkCheck = { kind: "check", codecs: ofBytes, size };
  return {
    size,
    atOnce: checker?.atOnce ?? 1,
    async decode(bytes, options) {
      // Without codecs there is nothing to send to a thread.
      if (checker === undefined || ofBytes.length === 0) return runChunkCheck(task, bytes, platform);
      const result = await checker.run(task, bytes, { ...options, isSpare: true });
      return typeof result === "string" ? result : undefined;
    },
  };
}

/** Decodes chunks with zarrita: strings, and numbers that codecs calculate with. */
function typedDecoder(
  { path, zarrFormat, document, array }: ArrayNode,
  elements: number,
  zarrita: Zarrita,
): ChunkDecoder {
  const { chunkShape } = array;
  const common = { ...document, shape: chunkShape };
  const decode =
    zarrFormat === 2
      ? decodeWith({ ...common, chunks: chunkShape }, ".zarray", zarrita)
      : decodeWith(
          {
            ...common,
            data_type: array.dtype,
            chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape } },
            chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
            codecs: array.codecs,
          },
          "zarr.json",
          zarrita,
        );
  return {
    size: elements * (itemSizeOf(array.dtype) ?? 16),
    atOnce: 1,
    async decode(bytes) {
      // zarrita's vlen-utf8 reads from the start of the underlying buffer.
      const length = await decode(bytes.slice());
      if (typeof length === "string") return `of the array ${path} ${length}`;
      return length === elements ? undefined : wrongSize(length, elements, "elements");
    },
  };
}

/** zarrita passes the options of `getChunk` to the store, which so gets the bytes to decode. */
interface ChunkOptions {
  readonly signal?: AbortSignal;
  readonly bytes?: Uint8Array | undefined;
}

/**
 * Decodes chunks with zarrita, as those of an array with this document.
 *
 * @param name the document's file name
 * @returns a function that returns the number of elements, or what is wrong, as the end of a sentence
 */
function decodeWith(
  document: JsonObject,
  name: string,
  { open, root }: Zarrita,
): (bytes: Uint8Array) => Promise<number | string> {
  const metadata = stringifyJson(document);
  const store: AsyncReadable = {
    get: async (key: string, options?: ChunkOptions) =>
      options?.bytes ?? (key === `/${name}` ? metadata : undefined),
  };
  const openOnce = name === ".zarray" ? open.v2 : open.v3;
  const openArray = () => openOnce(root(store), { kind: "array" });
  let opened: ReturnType<typeof openArray> | undefined;
  const origin = (shape: readonly number[]): number[] => shape.map(() => 0);
  return async (bytes) => {
    try {
      opened ??= openArray();
      const array = await opened;
      const options: ChunkOptions = { bytes };
      const { data } = await array.getChunk(origin(array.shape), options);
      return data.length;
    } catch (error) {
      return decodeFailure(error);
    }
  };
}
