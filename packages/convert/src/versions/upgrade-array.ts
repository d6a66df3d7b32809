import type { ArrayNode, JsonObject } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import type { CodingTask } from "@ozx/core/internal";
import {
  dataTypeV3Name,
  formatJson,
  guardedInteger,
  joinKey,
  omitMember,
  parseDataTypeV2,
} from "@ozx/core/internal";
import { cannotUpgrade, type DocumentLocation, upgradeCodecs } from "./upgrade-codecs.js";

/** An array as Zarr v3 has it. */
export interface UpgradedArray {
  readonly document: JsonObject;
  /** What has to be done to its chunks; undefined where they stay as they are, byte for byte. */
  readonly task?: CodingTask | undefined;
}

/**
 * A Zarr v2 array as Zarr v3, its chunks under v3's default keys (`c/0/0`). Its `_ARRAY_DIMENSIONS` attribute
 * becomes `dimension_names` where none are given.
 *
 * @param dimensionNames one name a dimension, as an image's axes
 * @throws UnsupportedError naming what Zarr v3 has no lossless word for
 */
export function upgradeArray(
  node: ArrayNode,
  location: string,
  dimensionNames?: readonly string[],
): UpgradedArray {
  const place: DocumentLocation = { location, path: joinKey(node.path, ".zarray").slice(1) };
  const dataType = upgradeDataType(node.document["dtype"], node.document["filters"], place);
  const names = dimensionNames ?? arrayDimensions(node);
  const { codecs, task } = upgradeCodecs(node, dataType, parseDataTypeV2(node.document["dtype"]), place);
  const document = {
    zarr_format: 3,
    node_type: "array",
    shape: node.array.shape,
    data_type: dataType,
    chunk_grid: { name: "regular", configuration: { chunk_shape: node.array.chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: upgradeFillValue(node.document["fill_value"], dataType, place),
    codecs,
    ...(names && { dimension_names: names }),
    attributes: names ? omitMember(node.attributes, "_ARRAY_DIMENSIONS") : node.attributes,
  };
  return { document, task };
}

/** The Zarr v3 document of a group. */
export function upgradeGroup(attributes: JsonObject): JsonObject {
  return { zarr_format: 3, node_type: "group", attributes };
}

/** xarray's names of dimensions, which v3 has a member for. */
function arrayDimensions({ attributes, array }: ArrayNode): readonly string[] | undefined {
  const names = attributes["_ARRAY_DIMENSIONS"];
  const valid =
    Array.isArray(names) &&
    names.length === array.shape.length &&
    names.every((name) => typeof name === "string");
  return valid ? names : undefined;
}

/**
 * The Zarr v3 data type of a v2 dtype: the core types by name, and `string` for objects that the `vlen-utf8`
 * filter encodes (anndata's tables).
 *
 * @throws UnsupportedError for structured, fixed-length text, raw and date types
 */
export function upgradeDataType(dtype: unknown, filters: unknown, place: DocumentLocation): string {
  const parsed = parseDataTypeV2(dtype);
  const name = parsed && dataTypeV3Name(parsed);
  if (name !== undefined) return name;
  if (parsed?.kind === "O" && hasOnlyVlenUtf8(filters)) return "string";
  throw cannotUpgrade(
    place,
    `dtype ${formatJson(dtype)}`,
    `its dtype ${formatJson(dtype)} has no equal in Zarr v3`,
  );
}

function hasOnlyVlenUtf8(filters: unknown): boolean {
  const [first, ...rest]: unknown[] = Array.isArray(filters) ? filters : [];
  return isJsonObject(first) && first["id"] === "vlen-utf8" && rest.length === 0;
}

/**
 * The Zarr v3 fill value of a v2 one. v3 must have one, so that v2's null ("undefined") becomes zero, false
 * or the empty text.
 *
 * @throws UnsupportedError when the value does not fit the data type
 */
export function upgradeFillValue(value: unknown, dataType: string, place: DocumentLocation): unknown {
  const upgraded = convert(value, dataType);
  if (upgraded !== undefined) return upgraded;
  const spelled = formatJson(value);
  throw cannotUpgrade(place, `fill value ${spelled}`, `its fill value ${spelled} is no ${dataType}`);
}

function convert(value: unknown, dataType: string): unknown {
  // Zarr v2 writers give 0 as the fill value of texts.
  if (dataType === "string") return value === null || value === 0 ? "" : ifText(value);
  if (dataType === "bool") return value === null ? false : BOOLEANS.get(value);
  if (dataType.startsWith("complex")) return complex(value ?? 0);
  if (dataType.startsWith("float")) return float(value ?? 0);
  if (guardedInteger(value) !== undefined) return value;
  // Integers have no zero below zero.
  return Number.isInteger(value ?? 0) ? Number(value ?? 0) + 0 : undefined;
}

const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [false, false],
  [true, true],
  [0, false],
  [1, true],
]);

function ifText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function float(value: unknown): unknown {
  const valid =
    typeof value === "number" ||
    guardedInteger(value) !== undefined ||
    value === "NaN" ||
    value === "Infinity" ||
    value === "-Infinity";
  return valid ? value : undefined;
}

function complex(value: unknown): unknown[] | undefined {
  const [real, imaginary, ...rest]: unknown[] = Array.isArray(value) ? value : [value, 0];
  const parts = [float(real), float(imaginary)];
  return rest.length === 0 && !parts.includes(undefined) ? parts : undefined;
}
