import type { AsyncReadable } from "zarrita";
import type { Finding } from "../../findings.js";
import { violation } from "../../findings.js";
import type { CodecPlatform } from "../codec/codec.js";
import { type Codec, codecOf, DECODABLE, plainName } from "../codec/codec.js";
import { decodeBytes, reasonOf, wrongSize } from "../codec/decode-bytes.js";
import { filterFault, splitCodecsV2 } from "../codec/filters-v2.js";
import { itemSizeOf } from "../data-types.js";
import { isJsonObject, type JsonObject, stringifyJson } from "../json.js";
import type { ArrayNode } from "../zarr-node.js";
import { CHUNK_UNCHECKED, CODEC_UNKNOWN } from "./zarr-rules.js";

/** Decodes chunks of one array to see whether it can be done. */
export interface ChunkDecoder {
  /** Bytes of a decoded chunk, as far as they are known beforehand. */
  readonly size: number;
  /** What is wrong with a chunk's bytes, as the end of a sentence about it; undefined where nothing is. */
  decode(bytes: Uint8Array): Promise<string | undefined>;
}

/** zarrita, loaded when chunks are to be decoded: those who only look at metadata start faster. */
export type Zarrita = typeof import("zarrita");

/** More than this is not decoded: it would take several times as much memory. */
export const LARGEST_CHUNK = 1024 * 1024 * 1024;

/** The decoder for an array's chunks (inner chunks where there are shards), or a finding why there is none. */
export function chunkDecoder(
  node: ArrayNode,
  { zarrita, platform }: { readonly zarrita: Zarrita; readonly platform: CodecPlatform },
): ChunkDecoder | Finding {
  const { path, array } = node;
  if (!hasCodecsV2(node)) {
    return violation(
      CODEC_UNKNOWN,
      path,
      `The filters or the compressor of the array ${path} are no codecs.`,
    );
  }
  const codecs = array.codecs.map(codecOf);
  const unknown = codecs.find(({ name }) => !zarrita.registry.has(name) && !TRANSLATED.has(name));
  if (unknown !== undefined) {
    return violation(
      CODEC_UNKNOWN,
      path,
      `The codec ${plainName(unknown.name)} of the array ${path} is not known here.`,
    );
  }
  const elements = array.chunkShape.reduce((product, extent) => product * extent, 1);
  const itemSize = itemSizeOf(array.dtype);
  if (elements * (itemSize ?? 1) > LARGEST_CHUNK) {
    return violation(CHUNK_UNCHECKED, path, `The chunks of the array ${path} are larger than 1 GiB each.`);
  }
  if (itemSize !== undefined && codecs.every(({ name }) => ONLY_MOVE_BYTES.has(plainName(name)))) {
    return bytesDecoder(codecs, elements * itemSize, platform);
  }
  const beyond = itemSize === undefined ? undefined : unsupportedByZarrita(node);
  if (beyond !== undefined) {
    return violation(
      CHUNK_UNCHECKED,
      path,
      `The codecs of the array ${path} cannot be undone here: ${beyond}.`,
    );
  }
  return typedDecoder(node, elements, zarrita);
}

/** Whether a v2 document lists codecs where it must; what is none, `array.codecs` leaves out and zarrita does not. */
function hasCodecsV2({ zarrFormat, document }: ArrayNode): boolean {
  if (zarrFormat !== 2) return true;
  const { filters, compressor } = document;
  const isCodec = (value: unknown): boolean => isJsonObject(value) && typeof value["id"] === "string";
  return (
    (filters === undefined || filters === null || (Array.isArray(filters) && filters.every(isCodec))) &&
    (compressor === undefined || compressor === null || isCodec(compressor))
  );
}

/** What zarrita makes other codecs of when it opens an array. */
const TRANSLATED: ReadonlySet<string> = new Set(["numcodecs.fixedscaleoffset"]);

/** Codecs for which a chunk is bytes, whatever its elements are. */
const ONLY_MOVE_BYTES: ReadonlySet<string> = new Set([
  ...["bytes", "transpose", "bitround", "blosc", "zstd", "gzip", "zlib", "lz4", "crc32c", "shuffle"],
]);

/** Why zarrita cannot undo codecs that calculate, where it cannot, though nothing is wrong with the chunks. */
function unsupportedByZarrita({ zarrFormat, document, array: { dtype } }: ArrayNode): string | undefined {
  // Not every JavaScript has arrays of float16.
  if (!/^(?:u?int(?:8|16|32|64)|float(?:32|64)|bool)$/.test(dtype)) return `they calculate with ${dtype}`;
  if (zarrFormat === 3) return undefined;
  const faults = splitCodecsV2(document).filters.map((filter) => filterFault(filter, document["dtype"]));
  return faults.find((fault) => fault !== undefined);
}

/** Where codecs only move bytes, the data type need not be one that JavaScript has. */
function bytesDecoder(codecs: readonly Codec[], size: number, platform: CodecPlatform): ChunkDecoder {
  const ofBytes = codecs.filter(({ name }) => DECODABLE.has(plainName(name)));
  return {
    size,
    async decode(bytes) {
      const decoded = await decodeBytes(ofBytes, bytes, size, platform);
      return typeof decoded === "string" ? decoded : undefined;
    },
  };
}

/** Elements of types that zarrita has to know: strings, and numbers that codecs calculate with. */
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
            chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape } },
            chunk_key_encoding: ARRAY.chunk_key_encoding,
            codecs: array.codecs,
          },
          "zarr.json",
          zarrita,
        );
  return {
    size: elements * (itemSizeOf(array.dtype) ?? 16),
    async decode(bytes) {
      // zarrita's vlen-utf8 takes the buffer for the bytes.
      const length = await decode(bytes.slice());
      if (typeof length === "string") return `of the array ${path} ${length}`;
      return length === elements ? undefined : wrongSize(length, elements, "elements");
    },
  };
}

const ARRAY = {
  zarr_format: 3,
  node_type: "array",
  chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
} as const;

/** zarrita hands the options of `getChunk` on to the store, which needs no key then. */
interface ChunkOptions {
  readonly signal?: AbortSignal;
  readonly bytes?: Uint8Array | undefined;
}

/**
 * Lets zarrita decode chunks as an array with this document would; the result is how many elements came out, or
 * why none did.
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
      return `does not decode: ${reasonOf(error)}`;
    }
  };
}
