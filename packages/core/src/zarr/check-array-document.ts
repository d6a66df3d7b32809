import { InvalidMetadataError } from "../errors.js";
import { type DocumentLocation, formatJson, guardedInteger, isJsonObject, type JsonObject } from "./json.js";

/** Codecs whose output has another size for other data, by their plain names: none may encode a shard's index. */
const COMPRESSORS: ReadonlySet<string> = new Set(["blosc", "bz2", "gzip", "lz4", "lzma", "zlib", "zstd"]);

/**
 * Checks the codecs of a Zarr v3 array as far as their specifications say what they may be configured with.
 *
 * @param codecs as objects with a name
 * @param rank the number of dimensions of what they encode
 * @throws InvalidMetadataError naming the codec
 */
export function checkCodecsV3(codecs: readonly JsonObject[], rank: number, where: DocumentLocation): void {
  for (const { name, configuration } of codecs) {
    const of = (what: string): InvalidMetadataError => invalid(`the codec ${String(name)} of`, what, where);
    if (configuration !== undefined && configuration !== null && !isJsonObject(configuration)) {
      throw of(`has the configuration ${formatJson(configuration)}, which is not an object`);
    }
    const { order, endian, index_location: place } = configuration ?? {};
    if (name === "transpose" && !isPermutation(order, rank)) {
      throw of(`has the order ${formatJson(order)}, which is no permutation of its ${rank} axes`);
    }
    if (name === "bytes" && endian !== undefined && endian !== "little" && endian !== "big") {
      throw of(`has the endian ${formatJson(endian)}, neither "little" nor "big"`);
    }
    if (name !== "sharding_indexed") continue;
    if (place !== undefined && place !== "start" && place !== "end") {
      throw of(`has the index_location ${formatJson(place)}, neither "start" nor "end"`);
    }
    checkIndexCodecs(configuration?.["index_codecs"], where);
  }
}

/** Zarr v3, `sharding_indexed`: "index_codecs MUST NOT contain codecs that produce variable-sized encoded representation". */
function checkIndexCodecs(value: unknown, where: DocumentLocation): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    throw invalid("the index_codecs of", `are ${formatJson(value)}, which is not a list`, where);
  }
  for (const codec of value) {
    const name: unknown = isJsonObject(codec) ? codec["name"] : codec;
    if (typeof name !== "string") throw invalid("the index_codecs of", "list a codec without a name", where);
    if (COMPRESSORS.has(name.replace(/^numcodecs\./, ""))) {
      const what = `compress the index of its shards with ${name}, whose result has no fixed size: no reader finds the index`;
      throw invalid("the index_codecs of", what, where);
    }
  }
}

function isPermutation(order: unknown, rank: number): boolean {
  // Zarr v3 had these names before its final text, and zarr-python wrote them.
  if (order === "C" || order === "F") return true;
  return (
    Array.isArray(order) &&
    order.length === rank &&
    new Set(order).size === rank &&
    order.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank)
  );
}

/**
 * Checks the codecs of a Zarr v2 array: `compressor` is null or an object with an id, `filters` null or a list of them.
 *
 * @throws InvalidMetadataError naming the member
 */
export function checkCodecsV2({ compressor, filters }: JsonObject, where: DocumentLocation): void {
  if (!isCodecV2(compressor ?? undefined)) {
    throw invalid("the compressor of", `is ${formatJson(compressor)}, which has no id of a codec`, where);
  }
  if (filters === undefined || filters === null) return;
  if (Array.isArray(filters) && filters.every((filter) => filter !== null && isCodecV2(filter))) return;
  throw invalid("the filters of", `are ${formatJson(filters)}, not a list of codecs with ids`, where);
}

function isCodecV2(value: unknown): boolean {
  return value === undefined || (isJsonObject(value) && typeof value["id"] === "string");
}

/**
 * Checks that the fill value of an array of integers, truth values or floats is one of its type. What zarr-python reads
 * is accepted too: `true` and digits in a text as integers, any spelling of `nan`.
 *
 * @throws InvalidMetadataError naming the value
 */
export function checkFillValue(value: unknown, dtype: string, where: DocumentLocation): void {
  if (value === undefined || value === null) return;
  const fault = integerFault(value, dtype) ?? floatFault(value, dtype) ?? boolFault(value, dtype);
  if (fault) {
    throw invalid("the fill_value of", `is ${formatJson(value)}, which is no ${dtype}`, where);
  }
}

function integerFault(value: unknown, dtype: string): boolean | undefined {
  const match = /^(u?)int(8|16|32|64)$/.exec(dtype);
  if (match === null) return undefined;
  const number = integerOf(value);
  if (number === undefined) return true;
  const bits = BigInt(Number(match[2]));
  const [least, most] = match[1] ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  return number < least || number > most;
}

/** The integer that a fill value means; undefined where it means none. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== "string") return undefined;
  return guardedInteger(value) ?? (/^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined);
}

const FLOAT = /^(?:0x[0-9a-f]{1,16}|[+-]?(?:nan|inf|infinity|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))$/i;

function floatFault(value: unknown, dtype: string): boolean | undefined {
  if (!/^float(?:16|32|64)$/.test(dtype)) return undefined;
  if (typeof value === "number" || typeof value === "boolean") return false;
  return !(typeof value === "string" && (guardedInteger(value) !== undefined || FLOAT.test(value)));
}

function boolFault(value: unknown, dtype: string): boolean | undefined {
  return dtype === "bool" ? typeof value !== "boolean" && value !== 0 && value !== 1 : undefined;
}

function invalid(subject: string, what: string, where: DocumentLocation): InvalidMetadataError {
  return new InvalidMetadataError(`${subject} ${where.path} in ${where.location} ${what}`, where);
}
