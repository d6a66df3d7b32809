import type { ArrayNode, JsonObject } from "@ozx/core";
import { UnsupportedError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import type { ChunkSource, CodingTask } from "@ozx/core/internal";
import {
  type Codec,
  codecOf,
  type DataTypeV2,
  filterFault,
  itemSizeOf,
  misplacedFilter,
  splitCodecsV2,
  undecodable,
} from "@ozx/core/internal";
import { requestedCodecs } from "../chunks/codec-request.js";

/** The codecs of an upgraded array, and what has to be done to its chunks so that they fit. */
export interface UpgradedCodecs {
  readonly codecs: readonly JsonObject[];
  /** Undefined where the chunks stay as they are, byte for byte. */
  readonly task?: CodingTask | undefined;
}

/**
 * The Zarr v3 codecs of a v2 array: `transpose` for F order, `bytes` or `vlen-utf8`, and the compressor. Where
 * v3 has a word for the compressor, they decode the chunks as they are. zlib becomes gzip by another envelope;
 * lz4 and filters are undone, and the chunks compressed with zstd.
 *
 * @throws UnsupportedError for filters and compressors that cannot be undone
 */
export function upgradeCodecs(
  node: ArrayNode,
  dataType: string,
  dtype: DataTypeV2 | undefined,
  place: DocumentLocation,
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
    return withCompressor(toBytes, compressor, { itemSize: 1, chunkSize: undefined }, place);
  }
  const itemSize = itemSizeOf(dataType) ?? 1;
  const chunkSize = node.array.chunkShape.reduce((product, extent) => product * extent, itemSize);
  if (isFiltered(node.document["filters"])) {
    refuseFilters(node, place);
    const { codecs: ofBytes, filters } = splitCodecsV2(node.document);
    const isMoved = filters.length === 0;
    toBytes.push(bytesCodec(isMoved ? dtype : dtype && { ...dtype, order: "<" }));
    const from: ChunkSource = isMoved
      ? { kind: "bytes", codecs: ofBytes }
      : { kind: "values", document: node.document };
    return {
      codecs: [...toBytes, ...newCodecs(itemSize)],
      task: { kind: "recode", from, to: newCodecs(itemSize), size: chunkSize },
    };
  }
  toBytes.push(bytesCodec(dtype));
  return withCompressor(toBytes, compressor, { itemSize, chunkSize }, place);
}

/** What chunks are compressed with when they have to be and nobody says how. */
function newCodecs(itemSize: number): readonly Codec[] {
  return requestedCodecs({ name: "zstd" }, itemSize);
}

function withCompressor(
  toBytes: readonly JsonObject[],
  compressor: unknown,
  { itemSize, chunkSize }: { readonly itemSize: number; readonly chunkSize: number | undefined },
  place: DocumentLocation,
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
  return { codecs: [...toBytes, upgradeCompressor(compressor, itemSize, place)] };
}

/** zlib's -1 means 6. */
function gzipLevel(level: unknown): number {
  if (level === undefined) return 1;
  return Number.isInteger(level) && Number(level) >= 0 && Number(level) <= 9 ? Number(level) : 6;
}

/** Single bytes have no order; v3 wants none named for them. */
function bytesCodec(dtype: DataTypeV2 | undefined): JsonObject {
  if (dtype === undefined || dtype.itemSize === 1) return { name: "bytes" };
  return { name: "bytes", configuration: { endian: dtype.order === ">" ? "big" : "little" } };
}

/** Whether there is a filter that changes what is stored; `bitround` has changed the values, and is done. */
function isFiltered(filters: unknown): boolean {
  return (
    Array.isArray(filters) && filters.some((filter) => !isJsonObject(filter) || filter["id"] !== "bitround")
  );
}

function refuseFilters({ document }: ArrayNode, place: DocumentLocation): void {
  const { filters, dtype, compressor } = document;
  const list: unknown[] = Array.isArray(filters) ? filters : [];
  const faults = [misplacedFilter(list), ...list.map((filter) => filterFault(filter, dtype))];
  const fault = faults.find((found) => found !== undefined);
  if (fault !== undefined) {
    throw cannotUpgrade(place, `filter ${fault}`, `its filter ${fault} cannot be undone here`);
  }
  const [unknown] = isJsonObject(compressor) ? undecodable([codecOf(compressor)]) : [];
  if (unknown !== undefined) throw cannotCompress(unknown, place);
}

function cannotCompress(id: unknown, place: DocumentLocation): Error {
  return cannotUpgrade(
    place,
    `compressor ${id}`,
    `its compressor ${id} has no codec in Zarr v3 and cannot be undone here, as blosc, gzip, zlib, zstd and lz4 can`,
  );
}

function upgradeCompressor(compressor: unknown, itemSize: number, place: DocumentLocation): JsonObject {
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
          shuffle: shuffleName(option("shuffle", 1), itemSize, place),
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
      throw cannotCompress(id, place);
  }
}

/** numcodecs counts 0, 1, 2; its -1 chooses by the size of an item. */
function shuffleName(shuffle: unknown, itemSize: number, place: DocumentLocation): string {
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
      throw cannotUpgrade(place, `blosc shuffle ${shuffle}`, `its blosc shuffle ${shuffle} is unknown`);
  }
}

/** The document that is being upgraded. */
export interface DocumentLocation {
  readonly location: string;
  readonly path: string;
}

/** The refusal of something that Zarr v3 cannot say without touching the data. */
export function cannotUpgrade(place: DocumentLocation, feature: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `${place.path} in ${place.location} cannot become Zarr v3 as it is: ${why}; convert that array with zarr-python first or, if no image needs it, leave it out with --leave-out ${place.path.replace(/\/[^/]*$/, "")}`,
    { ...place, feature },
  );
}
