import type { ArrayNode, JsonObject } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  type CodingTask,
  type DocumentLocation,
  dataTypeV3Name,
  formatJson,
  guardedInteger,
  joinKey,
  omitMember,
  parseDataTypeV2,
  plainFillValue,
} from "@ozx/core/internal";
import { cannotUpgrade, upgradeCodecs } from "./upgrade-codecs.js";

/** An array upgraded to Zarr v3. */
interface UpgradedArray {
  /** Its `zarr.json`. */
  readonly document: JsonObject;
  /** How to convert its chunks; undefined if they keep their bytes. */
  readonly task?: CodingTask | undefined;
}

/**
 * Upgrades a Zarr v2 array to Zarr v3, with chunks under v3's default keys (`c/0/0`).
 *
 * @param location the store's name, for messages
 * @param dimensionNames one per dimension, as for the axes of an image; by default those of the `_ARRAY_DIMENSIONS`
 *   attribute
 * @throws UnsupportedError naming what Zarr v3 cannot express without loss
 */
export function upgradeArray(
  node: ArrayNode,
  location: string,
  dimensionNames?: readonly string[],
): UpgradedArray {
  const where: DocumentLocation = { location, path: joinKey(node.path, ".zarray").slice(1) };
  const dataType = upgradeDataType(node.document["dtype"], node.document["filters"], where);
  const names = dimensionNames ?? arrayDimensions(node);
  const { codecs, task } = upgradeCodecs(node, dataType, parseDataTypeV2(node.document["dtype"]), where);
  const document = {
    zarr_format: 3,
    node_type: "array",
    shape: node.array.shape,
    data_type: dataType,
    chunk_grid: { name: "regular", configuration: { chunk_shape: node.array.chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: upgradeFillValue(node.document["fill_value"], dataType, where),
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

/** The dimension names that xarray writes as an attribute; v3 has a member for them. */
function arrayDimensions({ attributes, array }: ArrayNode): readonly string[] | undefined {
  const names = attributes["_ARRAY_DIMENSIONS"];
  const valid =
    Array.isArray(names) &&
    names.length === array.shape.length &&
    names.every((name) => typeof name === "string");
  return valid ? names : undefined;
}

/**
 * The Zarr v3 data type of a v2 `dtype`: a core type, or `string` for objects that the `vlen-utf8` filter encodes
 * (as in anndata's tables).
 *
 * @throws UnsupportedError for structured, fixed-length text, raw and date types
 */
function upgradeDataType(dtype: unknown, filters: unknown, where: DocumentLocation): string {
  const parsed = parseDataTypeV2(dtype);
  const name = parsed && dataTypeV3Name(parsed);
  if (name !== undefined) return name;
  if (parsed?.kind === "O" && hasOnlyVlenUtf8(filters)) return "string";
  throw cannotUpgrade(
    where,
    `dtype ${formatJson(dtype)}`,
    `its dtype ${formatJson(dtype)} has no equivalent in Zarr v3`,
  );
}

function hasOnlyVlenUtf8(filters: unknown): boolean {
  const [first, ...rest]: unknown[] = Array.isArray(filters) ? filters : [];
  return isJsonObject(first) && first["id"] === "vlen-utf8" && rest.length === 0;
}

/**
 * Converts a Zarr v2 fill value to v3. v3 requires one, so v2's null (undefined) becomes zero, false or the empty string.
 *
 * @throws UnsupportedError if the value does not fit the data type
 */
function upgradeFillValue(value: unknown, dataType: string, where: DocumentLocation): unknown {
  const upgraded = convertFillValue(plainFillValue(value, dataType), dataType);
  if (upgraded !== undefined) return upgraded;
  const spelled = formatJson(value);
  throw cannotUpgrade(where, `fill value ${spelled}`, `its fill value ${spelled} is not a valid ${dataType}`);
}

function convertFillValue(value: unknown, dataType: string): unknown {
  // Zarr v2 writers use 0 as the fill value of strings.
  if (dataType === "string") return value === null || value === 0 ? "" : stringOrUndefined(value);
  if (dataType === "bool") return value === null ? false : BOOLEANS.get(value);
  if (dataType.startsWith("complex")) return complex(value ?? 0);
  if (dataType.startsWith("float")) return float(value ?? 0);
  if (guardedInteger(value) !== undefined) return value;
  // Adding 0 turns -0 into 0, as integers have no -0.
  return Number.isInteger(value ?? 0) ? Number(value ?? 0) + 0 : undefined;
}

const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [false, false],
  [true, true],
  [0, false],
  [1, true],
]);

function stringOrUndefined(value: unknown): string | undefined {
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
