import { isJsonObject, type JsonObject, spellJson } from "../json.js";
import type { ArrayDescription } from "../node.js";
import { cannotDowngrade, type DowngradePlace } from "./place.js";

/** What Zarr v2 says of an array's codecs. */
export interface CodecsV2 {
  readonly byteOrder: "<" | ">";
  readonly order: "C" | "F";
  readonly filters: readonly JsonObject[];
  readonly compressor: JsonObject | null;
}

/**
 * The order, filters and compressor of Zarr v2 that decode the chunks of a v3 array as they are.
 *
 * @throws UnsupportedError for codecs that v2 has no byte-compatible word for
 */
export function downgradeCodecs({ codecs, shape }: ArrayDescription, place: DowngradePlace): CodecsV2 {
  let order: "C" | "F" = "C";
  let byteOrder: "<" | ">" = "<";
  const filters: JsonObject[] = [];
  const compressors: JsonObject[] = [];
  for (const codec of codecs) {
    const { name } = codec;
    const written = codec["configuration"];
    const options: JsonObject = isJsonObject(written) ? written : {};
    if (name === "transpose") order = orderOf(options["order"], shape.length, place);
    else if (name === "bytes") byteOrder = options["endian"] === "big" ? ">" : "<";
    else if (name === "vlen-utf8") filters.push({ id: "vlen-utf8" });
    else compressors.push(compressorOf(String(name), options, place));
  }
  const [compressor = null, second] = compressors;
  if (second !== undefined) {
    const names = compressors.map(({ id }) => id).join(" and ");
    throw cannotDowngrade(place, `codecs ${names}`, `it is compressed twice, with ${names}`);
  }
  return { byteOrder, order, filters, compressor };
}

function orderOf(written: unknown, dimensions: number, place: DowngradePlace): "C" | "F" {
  const order = Array.isArray(written) ? written : [];
  if (order.every((axis, at) => axis === at)) return "C";
  if (order.every((axis, at) => axis === dimensions - 1 - at)) return "F";
  const spelled = spellJson(written);
  throw cannotDowngrade(
    place,
    `transpose ${spelled}`,
    `its axes are transposed by ${spelled}, which is no order of Zarr v2`,
  );
}

const SHUFFLES: readonly unknown[] = ["noshuffle", "shuffle", "bitshuffle"];

function compressorOf(name: string, options: JsonObject, place: DowngradePlace): JsonObject {
  switch (name) {
    case "blosc":
      return {
        id: "blosc",
        cname: options["cname"] ?? "lz4",
        clevel: options["clevel"] ?? 5,
        shuffle: Math.max(0, SHUFFLES.indexOf(options["shuffle"])),
        blocksize: options["blocksize"] ?? 0,
      };
    case "gzip":
      return { id: "gzip", level: options["level"] ?? 1 };
    case "zstd":
      // numcodecs before 0.13 knows no checksum, and stumbles over one that is named.
      return {
        id: "zstd",
        level: options["level"] ?? 0,
        ...(options["checksum"] === true && { checksum: true }),
      };
    case "numcodecs.zlib":
    case "numcodecs.lz4":
    case "numcodecs.bz2":
    case "numcodecs.lzma":
      return { ...options, id: name.slice("numcodecs.".length) };
    default:
      throw cannotDowngrade(
        place,
        `codec ${name}`,
        `its codec ${name} has no equal there; encode it anew with --codec first`,
      );
  }
}
