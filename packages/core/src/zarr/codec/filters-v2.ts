import type { AsyncReadable } from "zarrita";
import { parseDataTypeV2 } from "../data-types.js";
import { isJsonObject, type JsonObject, stringifyJson } from "../json.js";
import { type Codec, type CodecPlatform, codecOf, DECODABLE } from "./codec.js";
import { decodeBytes, reasonOf, wrongSize } from "./decode-bytes.js";

/**
 * Why a filter of Zarr v2 cannot be undone here, where it cannot: zarrita's reading of it would be none, or
 * another one than numcodecs'.
 */
export function filterFault(filter: unknown, dtype: unknown): string | undefined {
  const { id, astype, dtype: own, elementsize } = isJsonObject(filter) ? filter : ({} as JsonObject);
  const { kind, itemSize } = parseDataTypeV2(dtype) ?? {};
  const uncounted = [dtype, astype].find((type) => !isCounted(type ?? dtype));
  switch (id) {
    case "delta":
      if (uncounted !== undefined) return `delta of ${String(uncounted)}`;
      // The differences are of the type `astype`, which zarrita 0.7.5 does not look at.
      return (astype ?? dtype) === dtype && (own ?? dtype) === dtype ? undefined : "delta with another type";
    case "fixedscaleoffset":
      if (uncounted !== undefined) return `fixedscaleoffset of ${String(uncounted)}`;
      // Which zarrita calculates in whole numbers where numpy does not.
      if (itemSize === 8 && kind !== "f") return "fixedscaleoffset of 64-bit integers";
      return (own ?? dtype) === dtype ? undefined : "fixedscaleoffset with another type";
    case "bitround":
      return undefined;
    case "shuffle":
      return Number.isInteger(elementsize ?? 4) && Number(elementsize ?? 4) > 0
        ? undefined
        : `shuffle by ${JSON.stringify(elementsize)}`;
    default:
      return String(id);
  }
}

/**
 * Which filter is before another one where zarrita 0.7.5 undoes them in the wrong order: all that calculate come after
 * all that only move bytes there, whatever the order in which they were done.
 */
export function misplacedFilter(filters: readonly unknown[]): string | undefined {
  const ids = filters.map((filter) => String(isJsonObject(filter) ? filter["id"] : filter));
  const calculates = (id: string): boolean => id !== "bitround" && !DECODABLE.has(id);
  const misplaced = ids.find((id, k) => DECODABLE.has(id) && ids.slice(k + 1).some(calculates));
  return misplaced === undefined ? undefined : `${misplaced} before another one`;
}

/** Whether zarrita calculates with a type everywhere: not with float16, truth values and complex numbers. */
function isCounted(dtype: unknown): boolean {
  const { kind = "", itemSize } = parseDataTypeV2(dtype) ?? {};
  return /[iu]/.test(kind) || (kind === "f" && itemSize !== 2);
}

/**
 * Decodes a chunk of a v2 array with filters to the bytes of its elements, little-endian, in the order in which
 * they are stored.
 *
 * @returns the bytes, or what is wrong with the chunk as the end of a sentence about it
 */
export async function decodeFilteredChunk(
  document: JsonObject,
  bytes: Uint8Array,
  size: number,
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  const { codecs, filters } = splitCodecsV2(document);
  // Filters may store smaller or larger elements than they give.
  const filtered =
    codecs.length > 0 ? await decodeBytes(codecs, bytes, filteredSize(document, size), platform) : bytes;
  if (typeof filtered === "string") return filtered;
  try {
    const { open, root } = await import("zarrita");
    const array = await open.v2(root(storeOf({ ...document, filters, compressor: null }, filtered)), {
      kind: "array",
    });
    const { data } = await array.getChunk(array.shape.map(() => 0));
    if (!ArrayBuffer.isView(data)) return "has elements that are no numbers";
    const decoded = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return decoded.length === size ? decoded : wrongSize(decoded.length, size, "bytes");
  } catch (error) {
    return `does not decode: ${reasonOf(error)}`;
  }
}

/** Bytes of a chunk behind the last filter. */
function filteredSize({ filters, dtype }: JsonObject, size: number): number {
  const itemSize = parseDataTypeV2(dtype)?.itemSize ?? 1;
  let stored = itemSize;
  for (const filter of Array.isArray(filters) ? filters : []) {
    const astype = isJsonObject(filter) ? parseDataTypeV2(filter["astype"]) : undefined;
    if (astype !== undefined) stored = astype.itemSize;
  }
  return (size / itemSize) * stored;
}

/** A store of an array that is one chunk. */
function storeOf(document: JsonObject, chunk: Uint8Array): AsyncReadable {
  const metadata = stringifyJson({ ...document, shape: document["chunks"] });
  return {
    get: async (key) => {
      if (key === "/.zarray") return metadata;
      return key === "/.zattrs" ? undefined : chunk;
    },
  };
}

/** The codecs of a Zarr v2 array, taken apart where what they do no longer depends on what elements are. */
export interface CodecsV2Split {
  /** Those that only move bytes, in the order of encoding: a last shuffle, and the compressor. */
  readonly codecs: readonly Codec[];
  /** The filters before them that calculate; none where chunks are bytes behind which elements lie as they are. */
  readonly filters: readonly unknown[];
}

/** Takes the `filters` and the `compressor` of a `.zarray` apart. */
export function splitCodecsV2({ filters, compressor }: JsonObject): CodecsV2Split {
  // It has changed the values, and there is nothing to undo.
  const left: unknown[] = Array.isArray(filters)
    ? filters.filter((filter) => idOf(filter) !== "bitround")
    : [];
  const shuffle = idOf(left.at(-1)) === "shuffle" ? [codecOf(left.pop())] : [];
  const compressors = compressor === null || compressor === undefined ? [] : [codecOf(compressor)];
  return { codecs: [...shuffle, ...compressors], filters: left };
}

function idOf(filter: unknown): unknown {
  return isJsonObject(filter) ? filter["id"] : undefined;
}
