import type { DataTypeV2 } from "../data-type.js";
import { isJsonObject, type JsonObject } from "../json.js";
import type { ArrayNode } from "../node.js";
import { cannotUpgrade, type UpgradePlace } from "./place.js";

/**
 * The Zarr v3 codecs that decode the chunks of a v2 array as they are: `transpose` for F order, `bytes` or
 * `vlen-utf8`, and the compressor.
 *
 * @throws UnsupportedError for filters, and for compressors that no v3 codec is byte-compatible with
 */
export function upgradeCodecs(
  node: ArrayNode,
  dataType: string,
  dtype: DataTypeV2 | undefined,
  place: UpgradePlace,
): JsonObject[] {
  const codecs: JsonObject[] = [];
  const dimensions = node.array.shape.length;
  if (node.document["order"] === "F" && dimensions > 1) {
    const order = Array.from({ length: dimensions }, (_, k) => dimensions - 1 - k);
    codecs.push({ name: "transpose", configuration: { order } });
  }
  if (dataType === "string") {
    codecs.push({ name: "vlen-utf8" });
  } else {
    refuseFilters(node.document["filters"], place);
    codecs.push(bytesCodec(dtype));
  }
  const compressor = node.document["compressor"];
  if (compressor !== null && compressor !== undefined) {
    // Texts of variable length are a run of bytes to the compressor.
    codecs.push(upgradeCompressor(compressor, dataType === "string" ? 1 : (dtype?.itemSize ?? 1), place));
  }
  return codecs;
}

/** Single bytes have no order; v3 wants none named for them. */
function bytesCodec(dtype: DataTypeV2 | undefined): JsonObject {
  if (dtype === undefined || dtype.itemSize === 1) return { name: "bytes" };
  return { name: "bytes", configuration: { endian: dtype.order === ">" ? "big" : "little" } };
}

function refuseFilters(filters: unknown, place: UpgradePlace): void {
  if (!Array.isArray(filters) || filters.length === 0) return;
  const names = filters.map((filter: unknown) => (isJsonObject(filter) ? filter["id"] : filter)).join(", ");
  throw cannotUpgrade(place, `filter ${names}`, `its filter ${names} has no codec in Zarr v3`);
}

function upgradeCompressor(compressor: unknown, itemSize: number, place: UpgradePlace): JsonObject {
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
      throw cannotUpgrade(
        place,
        `compressor ${id}`,
        `its compressor ${id} has no byte-compatible codec in Zarr v3, which knows blosc, gzip and zstd`,
      );
  }
}

/** numcodecs counts 0, 1, 2; its -1 chooses by the size of an item. */
function shuffleName(shuffle: unknown, itemSize: number, place: UpgradePlace): string {
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
