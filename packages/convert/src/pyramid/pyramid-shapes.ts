import { downsampledShape } from "@ozx/core/internal";

/** What is looked at to find out how an image is made smaller. */
export interface PyramidAxis {
  readonly name: string;
  readonly type: string | undefined;
  readonly unit: string | undefined;
}

/** One level below another one. */
export interface PyramidLevel {
  /** How many pixels of the level above make one, an axis at a time. */
  readonly factors: readonly number[];
  readonly shape: readonly number[];
  readonly scale: readonly number[];
  readonly translation: readonly number[];
}

/** No level is added below one whose height and width are this or less: it is about one chunk. */
const SMALLEST = 256;

/**
 * The levels below an image that its pyramid should have: each half as high and wide as the one above, rounded up,
 * until the larger of both is 256 or less. The number of planes is halved too where they lie as close together as
 * pixels do: only when z has the unit of y and its scale is not larger.
 *
 * The first pixel of a level has the middle of its box for its centre, so with the scale the translation grows:
 * by half a pixel of the level above for a factor of 2.
 *
 * @param count exactly so many levels, instead of until 256
 */
export function pyramidLevels(
  base: Pick<PyramidLevel, "shape" | "scale" | "translation">,
  axes: readonly PyramidAxis[],
  count?: number,
): PyramidLevel[] {
  const spatial = axes.flatMap(({ name, type }, axis) =>
    type === "space" || (type === undefined && "zyx".includes(name)) ? [axis] : [],
  );
  const [y, x] = spatial.slice(-2);
  const z = spatial.at(-3);
  if (y === undefined || x === undefined) return [];
  const levels: PyramidLevel[] = [];
  let above: Pick<PyramidLevel, "shape" | "scale" | "translation"> = base;
  const largest = (): number => Math.max(above.shape[y] ?? 1, above.shape[x] ?? 1);
  while (count === undefined ? largest() > SMALLEST : levels.length < count) {
    const { shape, scale } = above;
    const close = z !== undefined && isClose(axes, scale, z, y);
    const halved = close ? [z, y, x] : [y, x];
    const factors = shape.map((extent, axis) => (halved.includes(axis) && extent > 1 ? 2 : 1));
    if (factors.every((factor) => factor === 1)) break;
    const level = {
      factors,
      shape: downsampledShape(shape, factors),
      ...placementBelow(above, factors),
    };
    levels.push(level);
    above = level;
  }
  return levels;
}

/** Where the pixels of a level lie that is made of another one; see {@link pyramidLevels}. */
export function placementBelow(
  { scale, translation }: Pick<PyramidLevel, "scale" | "translation">,
  factors: readonly number[],
): Pick<PyramidLevel, "scale" | "translation"> {
  return {
    scale: scale.map((s, axis) => s * (factors[axis] ?? 1)),
    translation: translation.map((t, axis) =>
      positionAfter(t, ((factors[axis] ?? 1) - 1) / 2, scale[axis] ?? 1),
    ),
  };
}

function isClose(axes: readonly PyramidAxis[], scale: readonly number[], z: number, y: number): boolean {
  const unit = axes[z]?.unit;
  // Scales without a unit are mostly ones that nobody has measured.
  return unit !== undefined && unit === axes[y]?.unit && (scale[z] ?? 0) <= (scale[y] ?? 0);
}

/**
 * Where something lies that begins `pixels` after `start`, each of the size `scale`: `start + pixels · scale` of the
 * numbers as people write them, where 0.1 + 0.2 is 0.3. Metadata that is made of other metadata stays as exact.
 */
export function positionAfter(start: number, pixels: number, scale: number): number {
  if (![start, pixels, scale].every(Number.isFinite)) return start + pixels * scale;
  const [from, count, size] = [start, pixels, scale].map(decimalOf) as [Decimal, Decimal, Decimal];
  const added = { digits: count.digits * size.digits, exponent: count.exponent + size.exponent };
  const exponent = Math.min(from.exponent, added.exponent);
  const sum = [from, added].reduce(
    (all, part) => all + part.digits * 10n ** BigInt(part.exponent - exponent),
    0n,
  );
  return Number(`${sum}e${exponent}`);
}

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** By its shortest text, as in `-1.5e-7`. */
function decimalOf(value: number): Decimal {
  const [digits = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", part = ""] = digits.split(".");
  return { digits: BigInt(whole + part), exponent: Number(exponent) - part.length };
}

/** What a multiscale says of how its smaller levels were made: `type` and `metadata`. */
export function downsamplingMembers(
  method: "mean" | "nearest",
  program: string,
): Readonly<Record<string, unknown>> {
  const description =
    method === "nearest"
      ? "every second pixel, so that labels are not mixed"
      : "the mean of 2 pixels along each axis that became smaller, halves to the even neighbour";
  return { type: method, metadata: { method: program, description } };
}
