import type { AsyncReadable } from "zarrita";
import type { Finding } from "../../findings/finding.js";
import { breach } from "../../findings/rule.js";
import { itemSizeOf } from "../data-type.js";
import { isJsonObject, type JsonObject, stringifyJson } from "../json.js";
import type { ArrayNode } from "../node.js";
import { crc32cFault } from "./crc32c-fault.js";
import { claimedSize, cutShort, inflateAtMost, isDeflate } from "./decoded-size.js";
import { CHUNK_UNCHECKED, CODEC_UNKNOWN } from "./rules.js";

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
const LARGEST = 1024 * 1024 * 1024;

/** The decoder for an array's chunks (inner chunks where there are shards), or a finding why there is none. */
export function chunkDecoder(node: ArrayNode, zarrita: Zarrita): ChunkDecoder | Finding {
  const { path, array } = node;
  if (!hasCodecsV2(node)) {
    return breach(CODEC_UNKNOWN, path, `The filters or the compressor of the array ${path} are no codecs.`);
  }
  const codecs = array.codecs.map(codecV3);
  const unknown = codecs.find(({ name }) => !zarrita.registry.has(name) && !TRANSLATED.has(name));
  if (unknown !== undefined) {
    return breach(
      CODEC_UNKNOWN,
      path,
      `The codec ${plainName(unknown.name)} of the array ${path} is not known here.`,
    );
  }
  const elements = array.chunkShape.reduce((product, extent) => product * extent, 1);
  const itemSize = itemSizeOf(array.dtype);
  if (elements * (itemSize ?? 1) > LARGEST) {
    return breach(CHUNK_UNCHECKED, path, `The chunks of the array ${path} are larger than 1 GiB each.`);
  }
  if (itemSize !== undefined && codecs.every(({ name }) => ONLY_MOVE_BYTES.has(plainName(name)))) {
    return bytesDecoder(codecs, array.chunkShape, elements * itemSize, zarrita);
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

interface Codec {
  readonly name: string;
  readonly configuration: JsonObject;
}

/** Codecs of v2 are known to zarrita by their name in numcodecs. */
function codecV3({ name, id, configuration, ...rest }: JsonObject): Codec {
  return typeof name === "string"
    ? { name, configuration: (configuration ?? {}) as JsonObject }
    : { name: `numcodecs.${String(id)}`, configuration: rest };
}

function plainName(name: string): string {
  return name.replace(/^numcodecs\./, "");
}

/** What zarrita makes other codecs of when it opens an array. */
const TRANSLATED: ReadonlySet<string> = new Set(["numcodecs.fixedscaleoffset"]);

/** Codecs for which a chunk is bytes, whatever its elements are. */
const ONLY_MOVE_BYTES: ReadonlySet<string> = new Set([
  ...["bytes", "transpose", "blosc", "zstd", "gzip", "zlib", "lz4", "crc32c"],
]);

/**
 * Where codecs only move bytes, what counts is how many come out: the data type need not be one that JavaScript
 * has, and what would decode to too much is found out before.
 */
function bytesDecoder(
  codecs: readonly Codec[],
  chunkShape: readonly number[],
  size: number,
  zarrita: Zarrita,
): ChunkDecoder {
  const inner = codecs.filter(({ name }) => name !== "bytes" && name !== "transpose");
  const last = inner.at(-1);
  const format = last && isDeflate(plainName(last.name));
  const pipeline = format ? inner.slice(0, -1) : inner;
  const shape = [size];
  const decodeRest = decodeWith(
    {
      ...ARRAY,
      shape,
      data_type: "uint8",
      chunk_grid: { name: "regular", configuration: { chunk_shape: shape } },
      codecs: [{ name: "bytes" }, ...pipeline],
      fill_value: 0,
    },
    "zarr.json",
    zarrita,
  );
  const room = size + pipeline.length * 4;
  return {
    size,
    async decode(bytes) {
      if (last?.name === "crc32c") {
        const fault = crc32cFault(bytes);
        if (fault !== undefined) return fault;
      }
      const short = last && cutShort(plainName(last.name), bytes);
      if (short !== undefined) return short;
      const claimed = inner.length === 1 && last ? claimedSize(plainName(last.name), bytes) : undefined;
      if (claimed !== undefined && claimed !== size) return wrongSize(claimed, size, "bytes");
      const inflated = format ? await inflateAtMost(bytes, format, room) : bytes;
      if (typeof inflated === "string") return inflated;
      const length = await decodeRest(inflated);
      if (typeof length === "string") return length;
      return length === size
        ? undefined
        : wrongSize(length, size, `bytes (${chunkShape.join(" × ")} elements)`);
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

function wrongSize(found: number, expected: number, what: string): string {
  return `decodes to ${found} and not to ${expected} ${what}`;
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

/** The innermost reason, in one line; codecs in WebAssembly throw texts and numbers too. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  const text = inner instanceof Error ? inner.message : String(inner);
  return text.split("\n", 1)[0]?.replace(/\.$/, "") || "the codec gives no reason";
}
