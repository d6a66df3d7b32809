import type { AsyncReadable } from "zarrita";
import type { Codecs } from "../../codecs/codecs.js";
import { parseDataTypeV2 } from "../data-types.js";
import { isJsonObject, type JsonObject, stringifyJson } from "../json.js";
import { type Codec, codecOf, DECODABLE } from "./codec.js";
import { decodeBytes, decodeFailure, wrongSize } from "./decode-bytes.js";
import { loadZarrita } from "./load-zarrita.js";

/**
 * Why a filter of Zarr v2 cannot be decoded: zarrita does not know it, or decodes it differently from numcodecs.
 *
 * @param dtype of the array
 * @returns the reason, as in `delta of |b1`; undefined where the filter can be decoded
 */
export function filterFault(filter: unknown, dtype: unknown): string | undefined {
  const { id, astype, dtype: own, elementsize } = isJsonObject(filter) ? filter : ({} as JsonObject);
  const { kind, itemSize } = parseDataTypeV2(dtype) ?? {};
  const unsupported = [dtype, astype].find((type) => !isCalculable(type ?? dtype));
  switch (id) {
    case "delta":
      if (unsupported !== undefined) return `delta of ${String(unsupported)}`;
      // Differences are stored as `astype`, which zarrita 0.7.5 ignores.
      return (astype ?? dtype) === dtype && (own ?? dtype) === dtype ? undefined : "delta with another type";
    case "fixedscaleoffset":
      if (unsupported !== undefined) return `fixedscaleoffset of ${String(unsupported)}`;
      // zarrita computes these in integers, numpy in floats.
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
 * Which filter zarrita 0.7.5 decodes in the wrong order: it decodes bytes-to-bytes filters before
 * all filters that calculate, whatever their order.
 *
 * @returns the reason, as in `shuffle before another one`; undefined where the order is supported
 */
export function misplacedFilter(filters: readonly unknown[]): string | undefined {
  const ids = filters.map((filter) => String(isJsonObject(filter) ? filter["id"] : filter));
  const calculates = (id: string): boolean => id !== "bitround" && !DECODABLE.has(id);
  const misplaced = ids.find((id, k) => DECODABLE.has(id) && ids.slice(k + 1).some(calculates));
  return misplaced === undefined ? undefined : `${misplaced} before another one`;
}

/** Whether zarrita can calculate with a dtype in every engine: not with float16, booleans and complex numbers. */
function isCalculable(dtype: unknown): boolean {
  const { kind = "", itemSize } = parseDataTypeV2(dtype) ?? {};
  return /[iu]/.test(kind) || (kind === "f" && itemSize !== 2);
}

/**
 * Decodes a chunk of a Zarr v2 array with filters to the bytes of its elements, little-endian, in the order in which they
 * are stored.
 *
 * @param document the `.zarray`
 * @param size the bytes of the decoded chunk
 * @returns the bytes, or what is wrong, as the end of a sentence about the chunk
 */
export async function decodeFilteredChunk(
  document: JsonObject,
  bytes: Uint8Array,
  size: number,
  platform: Codecs,
): Promise<Uint8Array | string> {
  const { codecs, filters } = splitCodecsV2(document);
  // Stored elements may be smaller or larger than decoded ones.
  const filtered =
    codecs.length > 0 ? decodeBytes(codecs, { bytes, size: filteredSize(document, size) }, platform) : bytes;
  if (typeof filtered === "string") return filtered;
  try {
    const { open, root } = await loadZarrita();
    const array = await open.v2(root(storeOf({ ...document, filters, compressor: null }, filtered)), {
      kind: "array",
    });
    const { data } = await array.getChunk(array.shape.map(() => 0));
    if (!ArrayBuffer.isView(data)) return "has elements that are not numbers";
    const decoded = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return decoded.length === size ? decoded : wrongSize(decoded.length, size, "bytes");
  } catch (error) {
    return decodeFailure(error);
  }
}

/** The bytes of a chunk after its last filter. */
function filteredSize({ filters, dtype }: JsonObject, size: number): number {
  const itemSize = parseDataTypeV2(dtype)?.itemSize ?? 1;
  let stored = itemSize;
  for (const filter of Array.isArray(filters) ? filters : []) {
    const astype = isJsonObject(filter) ? parseDataTypeV2(filter["astype"]) : undefined;
    if (astype !== undefined) stored = astype.itemSize;
  }
  return (size / itemSize) * stored;
}

/** A store with an array of one chunk. */
function storeOf(document: JsonObject, chunk: Uint8Array): AsyncReadable {
  const metadata = stringifyJson({ ...document, shape: document["chunks"] });
  return {
    get: async (key) => {
      if (key === "/.zarray") return metadata;
      return key === "/.zattrs" ? undefined : chunk;
    },
  };
}

/** The filters and the compressor of a Zarr v2 array, split where they no longer depend on the elements. */
export interface CodecsV2Split {
  /** Bytes-to-bytes codecs in the order of encoding: a `shuffle` at the end of the filters, and the compressor. */
  readonly codecs: readonly Codec[];
  /** The filters before them; empty where the codecs encode the elements' own bytes. */
  readonly filters: readonly unknown[];
}

/** Splits the `filters` and the `compressor` of a `.zarray`. */
export function splitCodecsV2({ filters, compressor }: JsonObject): CodecsV2Split {
  // bitround has rounded the values, and has no inverse.
  const remaining: unknown[] = Array.isArray(filters)
    ? filters.filter((filter) => idOf(filter) !== "bitround")
    : [];
  const shuffle = idOf(remaining.at(-1)) === "shuffle" ? [codecOf(remaining.pop())] : [];
  const compressors = compressor === null || compressor === undefined ? [] : [codecOf(compressor)];
  return { codecs: [...shuffle, ...compressors], filters: remaining };
}

function idOf(filter: unknown): unknown {
  return isJsonObject(filter) ? filter["id"] : undefined;
}
