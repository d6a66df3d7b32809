import { type ArrayNode, type JsonObject, UnsupportedError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  type ChunkSource,
  type Codec,
  type CodingTask,
  codecOf,
  countElements,
  type DataTypeV2,
  type DocumentLocation,
  filterFault,
  itemSizeOf,
  misplacedFilter,
  splitCodecsV2,
  undecodable,
} from "@ozx/core/internal";
import { requestedCodecs } from "../chunks/codec-request.js";

/** The codecs of an array upgraded to Zarr v3. */
interface UpgradedCodecs {
  /** All codecs of the Zarr v3 array. */
  readonly codecs: readonly JsonObject[];
  /** How to convert the chunks to these codecs; undefined if they keep their bytes. */
  readonly task?: CodingTask | undefined;
}

/**
 * The Zarr v3 codecs of a v2 array: `transpose` for F order, `bytes` or `vlen-utf8`, and the compressor. If v3 has the
 * compressor, they decode the chunks as they are. zlib becomes gzip by replacing its header and trailer; lz4 and
 * filters are decoded, and the chunks are compressed with zstd.
 *
 * @param dataType the Zarr v3 data type
 * @param dtype the v2 `dtype`; undefined if it cannot be parsed
 * @param where the array's `.zarray`, for messages
 * @throws UnsupportedError for filters and compressors that cannot be decoded
 */
export function upgradeCodecs(
  node: ArrayNode,
  dataType: string,
  dtype: DataTypeV2 | undefined,
  where: DocumentLocation,
): UpgradedCodecs {
  const toBytes: JsonObject[] = [];
  const dimensions = node.array.shape.length;
  if (node.document["order"] === "F" && dimensions > 1) {
    const order = Array.from({ length: dimensions }, (_, k) => dimensions - 1 - k);
    toBytes.push({ name: "transpose", configuration: { order } });
  }
  const { compressor } = node.document;
  if (dataType === "string") {
    toBytes.push({ name: "vlen-utf8" });
    return withCompressor(toBytes, compressor, { itemSize: 1, chunkSize: undefined }, where);
  }
  const itemSize = itemSizeOf(dataType) ?? 1;
  const chunkSize = countElements(node.array.chunkShape) * itemSize;
  if (isFiltered(node.document["filters"])) {
    refuseFilters(node, where);
    const { codecs: ofBytes, filters } = splitCodecsV2(node.document);
    // Shuffle is a bytes codec; other filters are decoded to values, which are little-endian.
    const areCodecs = filters.length === 0;
    toBytes.push(bytesCodec(areCodecs ? dtype : dtype && { ...dtype, order: "<" }));
    const from: ChunkSource = areCodecs
      ? { kind: "bytes", codecs: ofBytes }
      : { kind: "values", document: node.document };
    return {
      codecs: [...toBytes, ...newCodecs(itemSize)],
      task: { kind: "recode", from, to: newCodecs(itemSize), size: chunkSize },
    };
  }
  toBytes.push(bytesCodec(dtype));
  return withCompressor(toBytes, compressor, { itemSize, chunkSize }, where);
}

/** The compression of chunks that have to be re-encoded when no codec is requested. */
function newCodecs(itemSize: number): readonly Codec[] {
  return requestedCodecs({ name: "zstd" }, itemSize);
}

function withCompressor(
  toBytes: readonly JsonObject[],
  compressor: unknown,
  { itemSize, chunkSize }: { readonly itemSize: number; readonly chunkSize: number | undefined },
  where: DocumentLocation,
): UpgradedCodecs {
  if (compressor === null || compressor === undefined) return { codecs: toBytes };
  const { id, level } = isJsonObject(compressor) ? compressor : ({ id: compressor } as JsonObject);
  if (id === "zlib") {
    const gzip = { name: "gzip", configuration: { level: gzipLevel(level) } };
    return { codecs: [...toBytes, gzip], task: { kind: "rewrap", size: chunkSize } };
  }
  if (id === "lz4" && chunkSize !== undefined) {
    const from = { kind: "bytes", codecs: [codecOf(compressor)] } as const;
    return {
      codecs: [...toBytes, ...newCodecs(itemSize)],
      task: { kind: "recode", from, to: newCodecs(itemSize), size: chunkSize },
    };
  }
  return { codecs: [...toBytes, upgradeCompressor(compressor, itemSize, where)] };
}

/** zlib's level -1 means 6. */
function gzipLevel(level: unknown): number {
  if (level === undefined) return 1;
  return Number.isInteger(level) && Number(level) >= 0 && Number(level) <= 9 ? Number(level) : 6;
}

/** Single bytes have no endianness, and v3 does not want it stated for them. */
function bytesCodec(dtype: DataTypeV2 | undefined): JsonObject {
  if (dtype === undefined || dtype.itemSize === 1) return { name: "bytes" };
  return { name: "bytes", configuration: { endian: dtype.order === ">" ? "big" : "little" } };
}

/** Whether chunks have to be decoded by a filter. `bitround` changed the values when they were written: there is nothing to decode. */
function isFiltered(filters: unknown): boolean {
  return (
    Array.isArray(filters) && filters.some((filter) => !isJsonObject(filter) || filter["id"] !== "bitround")
  );
}

function refuseFilters({ document }: ArrayNode, where: DocumentLocation): void {
  const { filters, dtype, compressor } = document;
  const list: unknown[] = Array.isArray(filters) ? filters : [];
  const faults = [misplacedFilter(list), ...list.map((filter) => filterFault(filter, dtype))];
  const fault = faults.find((found) => found !== undefined);
  if (fault !== undefined) {
    throw cannotUpgrade(where, `filter ${fault}`, `its filter ${fault} cannot be decoded here`);
  }
  const [unknown] = isJsonObject(compressor) ? undecodable([codecOf(compressor)]) : [];
  if (unknown !== undefined) throw cannotCompress(unknown, where);
}

function cannotCompress(id: unknown, where: DocumentLocation): Error {
  return cannotUpgrade(
    where,
    `compressor ${id}`,
    `its compressor ${id} is not a Zarr v3 codec and cannot be decoded here; blosc, gzip, zlib, zstd and lz4 can`,
  );
}

function upgradeCompressor(compressor: unknown, itemSize: number, where: DocumentLocation): JsonObject {
  const options: JsonObject = isJsonObject(compressor) ? compressor : { id: compressor };
  const id = options["id"];
  const option = (name: string, missing: unknown): unknown => options[name] ?? missing;
  switch (id) {
    case "blosc":
      return {
        name: "blosc",
        configuration: {
          typesize: itemSize,
          cname: option("cname", "lz4"),
          clevel: option("clevel", 5),
          shuffle: shuffleName(option("shuffle", 1), itemSize, where),
          blocksize: option("blocksize", 0),
        },
      };
    case "gzip":
      return { name: "gzip", configuration: { level: option("level", 1) } };
    case "zstd":
      return {
        name: "zstd",
        configuration: { level: option("level", 1), checksum: option("checksum", false) },
      };
    default:
      throw cannotCompress(id, where);
  }
}

/** numcodecs numbers them 0, 1, 2; its -1 chooses by the item size. */
function shuffleName(shuffle: unknown, itemSize: number, where: DocumentLocation): string {
  switch (shuffle) {
    case 0:
      return "noshuffle";
    case 1:
      return "shuffle";
    case 2:
      return "bitshuffle";
    case -1:
      return itemSize === 1 ? "bitshuffle" : "shuffle";
    default:
      throw cannotUpgrade(where, `blosc shuffle ${shuffle}`, `its blosc shuffle ${shuffle} is unknown`);
  }
}

/** The error for something that Zarr v3 cannot express unless the data are changed. */
export function cannotUpgrade(where: DocumentLocation, feature: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `${where.path} in ${where.location} cannot become Zarr v3 as it is: ${why}; convert that array with zarr-python first or, if no image needs it, leave it out with --leave-out ${where.path.replace(/\/[^/]*$/, "")}`,
    { ...where, feature },
  );
}
