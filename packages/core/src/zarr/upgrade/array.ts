import { joinKey } from "../../store/keys.js";
import type { CodingTask } from "../codec/coding-task.js";
import { parseDataTypeV2 } from "../data-type.js";
import type { JsonObject } from "../json.js";
import type { ArrayNode } from "../node.js";
import { upgradeCodecs } from "./codecs.js";
import { upgradeDataType } from "./data-type.js";
import { upgradeFillValue } from "./fill-value.js";
import { type UpgradePlace, withoutMember } from "./place.js";

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
  const place: UpgradePlace = { location, path: joinKey(node.path, ".zarray").slice(1) };
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
    attributes: names ? withoutMember(node.attributes, "_ARRAY_DIMENSIONS") : node.attributes,
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
