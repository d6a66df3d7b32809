import { type DownsampleMethod, downsampledShape } from "@ozx/core/internal";

/** An axis of an image, as far as it decides how the image is downsampled. */
export interface PyramidAxis {
  readonly name: string;
  readonly type: string | undefined;
  readonly unit: string | undefined;
}

/** A level of a pyramid below its first. All lists have one number per axis. */
export interface PyramidLevel {
  /** The downsampling factors from the level above. */
  readonly factors: readonly number[];
  readonly shape: readonly number[];
  readonly scale: readonly number[];
  readonly translation: readonly number[];
}

/** A level whose height and width are at most this, in pixels, is the last one: it is about one chunk. */
const SMALLEST = 256;

/**
 * The levels that a pyramid should have below a level: each is half as high and wide as the one above, rounded up,
 * until both are at most 256 pixels. z is halved too if its unit is that of y and its scale is not larger.
 *
 * The first pixel of a level is centred in the box of pixels that it averages. So the translation grows too: by half a
 * pixel of the level above, for a factor of 2.
 *
 * @param count the exact number of levels, whatever their size
 */
export function pyramidLevels(
  base: Pick<PyramidLevel, "shape" | "scale" | "translation">,
  axes: readonly PyramidAxis[],
  count?: number,
): PyramidLevel[] {
  const plane = planeOf(axes);
  if (plane === undefined) return [];
  const { z, y, x } = plane;
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

/**
 * The indices of y and x, and of z if there is one: the last axes of space, whose type or else whose name says that they
 * are. Undefined for axes of which fewer than two are known to be of space.
 */
export function planeOf(
  axes: readonly Pick<PyramidAxis, "name" | "type">[],
): { readonly z: number | undefined; readonly y: number; readonly x: number } | undefined {
  const spatial = axes.flatMap(({ name, type }, axis) =>
    type === "space" || (type === undefined && SPATIAL.has(name)) ? [axis] : [],
  );
  const [y, x] = spatial.slice(-2);
  return y === undefined || x === undefined ? undefined : { z: spatial.at(-3), y, x };
}

const SPATIAL: ReadonlySet<string> = new Set(["z", "y", "x"]);

/** The scale and translation of a level that is downsampled from another one; see {@link pyramidLevels}. */
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
  // Scales without a unit are mostly 1 because nobody measured them.
  return unit !== undefined && unit === axes[y]?.unit && (scale[z] ?? 0) <= (scale[y] ?? 0);
}

/**
 * `start + pixels · scale` in decimal arithmetic, where 0.1 + 0.2 is 0.3: metadata that is computed from other metadata
 * gets no rounding errors.
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

/** The value of a number's shortest decimal form, as in `-1.5e-7`. */
function decimalOf(value: number): Decimal {
  const [digits = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", part = ""] = digits.split(".");
  return { digits: BigInt(whole + part), exponent: Number(exponent) - part.length };
}

/** The members `type` and `metadata` of a multiscale, which describe how its levels were downsampled. */
export function downsamplingMembers(
  method: DownsampleMethod,
  program: string,
): Readonly<Record<string, unknown>> {
  return { type: method, metadata: { method: program, description: DESCRIPTIONS[method] } };
}

const BOX = "2 pixels along each axis that became smaller";
const DESCRIPTIONS: Readonly<Record<DownsampleMethod, string>> = {
  nearest: "every second pixel, so that labels are not mixed",
  stride: "every second pixel",
  mean: `the mean of ${BOX}, halves to the even neighbour`,
  median: `the median of ${BOX}, of an even number the lower one in the middle`,
  mode: `the most frequent value of ${BOX}, of several the smallest`,
  min: `the smallest value of ${BOX}`,
  max: `the largest value of ${BOX}`,
};
