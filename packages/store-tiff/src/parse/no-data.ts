/** A value that JSON has for pixels: floating-point numbers that it has no number for are texts, as in Zarr v3. */
export type PixelValue = number | "NaN" | "Infinity" | "-Infinity";

/**
 * The value of pixels that were never written (GDAL_NODATA, a text with a number); 0 where there is none, or the type of
 * the pixels does not have it.
 *
 * @param text the bytes of the field
 * @param dataType of the pixels, in Zarr's words
 */
export function noDataValue(text: ArrayLike<number> | undefined, dataType: string): PixelValue {
  const letters = text === undefined ? "" : String.fromCharCode(...Array.from(text).slice(0, LONGEST));
  const word = letters.replace(/\0.*$/s, "").trim().toLowerCase();
  const value = Number(word.replace(/inf$/, "Infinity"));
  const [, kind, bits] = /^(float|int|uint)(\d+)$/.exec(dataType) ?? [];
  if (kind === "float") {
    if (word.endsWith("nan")) return "NaN";
    if (value === Number.POSITIVE_INFINITY) return "Infinity";
    if (value === Number.NEGATIVE_INFINITY) return "-Infinity";
    return Number.isNaN(value) ? 0 : value;
  }
  const most = 2 ** (Number(bits) - (kind === "int" ? 1 : 0)) - 1;
  const least = kind === "int" ? -most - 1 : 0;
  return Number.isSafeInteger(value) && value >= least && value <= most ? value : 0;
}

/** No number is longer. */
const LONGEST = 64;
