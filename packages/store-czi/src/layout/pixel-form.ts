import { type PixelType, pixelTypeOf } from "../parse/pixel-types.js";

/** The samples of an array: those of its tiles, or a type that holds the values of all of them. */
export interface PixelForm {
  readonly kind: "uint" | "int" | "float";
  /** Bytes of a sample. */
  readonly itemSize: number;
  /** Red, green, blue and more, side by side. */
  readonly samples: number;
}

/** The name of a form's samples in Zarr. */
export function dataTypeOf({ kind, itemSize }: PixelForm): string {
  return `${kind}${itemSize * 8}`;
}

/**
 * The form that holds the values of several pixel types as they are.
 *
 * @param numbers pixel types that are known, with the same number of samples
 */
export function commonForm(numbers: Iterable<number>): PixelForm {
  const types = [...new Set(numbers)]
    .map((number) => pixelTypeOf(number))
    .filter((type): type is PixelType => type !== undefined);
  const samples = types[0]?.samples ?? 1;
  const kinds = new Set(types.map(({ kind }) => kind));
  const itemSize = Math.max(1, ...types.map((type) => type.itemSize));
  const [kind] = kinds;
  if (kinds.size === 1 && kind !== undefined) return { kind, itemSize, samples };
  // Unsigned ones have two bytes at most: each fits into what the others are, but 32-bit integers into doubles only.
  const isExact = !(kinds.has("int") && kinds.has("float"));
  if (!isExact) return { kind: "float", itemSize: 8, samples };
  return { kind: kinds.has("float") ? "float" : "int", itemSize, samples };
}
