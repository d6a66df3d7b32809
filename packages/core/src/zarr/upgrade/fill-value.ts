import { guardedInteger, spellJson } from "../json.js";
import { cannotUpgrade, type UpgradePlace } from "./place.js";

/**
 * The Zarr v3 fill value of a v2 one. v3 must have one, so that v2's null ("undefined") becomes zero, false
 * or the empty text.
 *
 * @throws UnsupportedError when the value does not fit the data type
 */
export function upgradeFillValue(value: unknown, dataType: string, place: UpgradePlace): unknown {
  const upgraded = convert(value, dataType);
  if (upgraded !== undefined) return upgraded;
  const spelled = spellJson(value);
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
