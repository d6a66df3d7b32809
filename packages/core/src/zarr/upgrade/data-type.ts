import { dataTypeV3Name, parseDataTypeV2 } from "../data-type.js";
import { isJsonObject, spellJson } from "../json.js";
import { cannotUpgrade, type UpgradePlace } from "./place.js";

/**
 * The Zarr v3 data type of a v2 dtype: the core types by name, and `string` for objects that the `vlen-utf8`
 * filter encodes (anndata's tables).
 *
 * @throws UnsupportedError for structured, fixed-length text, raw and date types
 */
export function upgradeDataType(dtype: unknown, filters: unknown, place: UpgradePlace): string {
  const parsed = parseDataTypeV2(dtype);
  const name = parsed && dataTypeV3Name(parsed);
  if (name !== undefined) return name;
  if (parsed?.kind === "O" && hasOnlyVlenUtf8(filters)) return "string";
  throw cannotUpgrade(
    place,
    `dtype ${spellJson(dtype)}`,
    `its dtype ${spellJson(dtype)} has no equal in Zarr v3`,
  );
}

function hasOnlyVlenUtf8(filters: unknown): boolean {
  const [first, ...rest]: unknown[] = Array.isArray(filters) ? filters : [];
  return isJsonObject(first) && first["id"] === "vlen-utf8" && rest.length === 0;
}
