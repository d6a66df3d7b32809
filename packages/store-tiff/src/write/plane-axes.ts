import { type Axis, type OpenImage, type OpenLevel, UnsupportedError } from "@ozx/core";
import { isChannelAxis } from "@ozx/core/internal";
import { formatOmeXml } from "./ome-xml.js";
import type { TiffForm } from "./tiff-writer.js";

/** The axes that OME-TIFF has, the slowest first: planes of `y` and `x`, of which z changes fastest, then c, then t. */
export const AXES = ["t", "c", "z", "y", "x"] as const;

/** An axis of OME-TIFF. */
export type TiffAxis = (typeof AXES)[number];

/** The positions along an axis of a level, the end exclusive. */
export type Range = readonly [start: number, stop: number];

/** Positions along axes by the names that the image has for them; other axes are whole. */
export type AxisRanges = Readonly<Record<string, Range | undefined>>;

/** What of a level is written. */
export interface WrittenPart {
  readonly level: OpenLevel;
  /** For each axis of OME-TIFF the number of the level's axis; undefined where it has no such axis. */
  readonly roles: Readonly<Record<TiffAxis, number | undefined>>;
  /** `[0, 1]` where the level has no such axis. */
  readonly ranges: Readonly<Record<TiffAxis, Range>>;
  /** The only position along axes that OME-TIFF does not have, by their names. */
  readonly others: Readonly<Record<string, Range>>;
}

/**
 * Finds out which axis of a level is which of OME-TIFF.
 *
 * @throws UnsupportedError for further axes with more than one position
 */
export function writtenPart(image: OpenImage, level: OpenLevel, chosen: AxisRanges): WrittenPart {
  const roles = rolesOf(level.axes);
  const rangeOf = (at: number): Range => chosen[level.axes[at]?.name ?? ""] ?? [0, level.shape[at] ?? 1];
  const used = new Set(Object.values(roles));
  const others: Record<string, Range> = {};
  for (const [at, { name }] of level.axes.entries()) {
    if (used.has(at)) continue;
    const [start, stop] = rangeOf(at);
    if (stop - start !== 1) {
      const what = `the image ${image.path} has an axis ${name}, and OME-TIFF only x, y, z, c and t`;
      throw new UnsupportedError(`${what}: choose one position along ${name}`, {
        location: image.path,
        feature: `the axis ${name} in OME-TIFF`,
      });
    }
    others[name] = [start, stop];
  }
  const ranges = Object.fromEntries(
    AXES.map((axis) => {
      const at = roles[axis];
      return [axis, at === undefined ? [0, 1] : rangeOf(at)];
    }),
  ) as Record<TiffAxis, Range>;
  return { level, roles, ranges, others };
}

/** By names, or else by types; `y` and `x` are the last two axes where they are not named. */
function rolesOf(axes: readonly Axis[]): WrittenPart["roles"] {
  const named = (name: TiffAxis): number => axes.findIndex((axis) => axis.name.toLowerCase() === name);
  let [y, x] = [named("y"), named("x")];
  if (y < 0 || x < 0) [y, x] = [axes.length - 2, axes.length - 1];
  const other = (is: (axis: Axis) => boolean): number | undefined => {
    const at = axes.findIndex((axis, index) => index !== y && index !== x && is(axis));
    return at < 0 ? undefined : at;
  };
  const ofTime = named("t") >= 0 ? "t" : undefined;
  return {
    t: other(({ name, type }) => (ofTime ? name.toLowerCase() === ofTime : type === "time")),
    c: other(isChannelAxis),
    z: other(({ name, type }) => (named("z") >= 0 ? name.toLowerCase() === "z" : type === "space")),
    y,
    x,
  };
}

/** How the values of a data type of Zarr are stored. */
export interface SampleType extends Pick<TiffForm, "bits" | "sampleFormat"> {
  /** As the schema of OME calls it; undefined for integers of 64 bits, which it does not have. */
  readonly omeType: string | undefined;
}

const SAMPLE_TYPES: Readonly<Record<string, SampleType>> = {
  bool: { omeType: "uint8", bits: 8, sampleFormat: 1 },
  uint8: { omeType: "uint8", bits: 8, sampleFormat: 1 },
  uint16: { omeType: "uint16", bits: 16, sampleFormat: 1 },
  uint32: { omeType: "uint32", bits: 32, sampleFormat: 1 },
  uint64: { omeType: undefined, bits: 64, sampleFormat: 1 },
  int8: { omeType: "int8", bits: 8, sampleFormat: 2 },
  int16: { omeType: "int16", bits: 16, sampleFormat: 2 },
  int32: { omeType: "int32", bits: 32, sampleFormat: 2 },
  int64: { omeType: undefined, bits: 64, sampleFormat: 2 },
  // Read as float32, which holds each of its values.
  float16: { omeType: "float", bits: 32, sampleFormat: 3 },
  float32: { omeType: "float", bits: 32, sampleFormat: 3 },
  float64: { omeType: "double", bits: 64, sampleFormat: 3 },
};

/** @throws UnsupportedError for what is not a number, and complex ones */
export function sampleTypeOf({ dtype, path }: OpenLevel): SampleType {
  const type = Object.hasOwn(SAMPLE_TYPES, dtype) ? SAMPLE_TYPES[dtype] : undefined;
  if (type !== undefined) return type;
  throw new UnsupportedError(`the pixels of ${path} are ${dtype}, which cannot be written as TIFF`, {
    location: path,
    feature: `${dtype} in TIFF`,
  });
}

/**
 * The description of the file: OME-XML. For integers of 64 bits it is the JSON with shape and axes that tifffile writes,
 * since OME-XML has no word for them.
 */
export function describePlanes(image: OpenImage, part: WrittenPart, { omeType }: SampleType): string {
  const { level, roles, ranges } = part;
  const sizeOf = (axis: TiffAxis): number => ranges[axis][1] - ranges[axis][0];
  if (omeType === undefined) {
    return JSON.stringify({ shape: AXES.map(sizeOf), axes: AXES.join("").toUpperCase() });
  }
  const quantityOf = (axis: TiffAxis) => {
    const at = roles[axis];
    return at === undefined ? undefined : { value: level.scale[at] ?? 1, unit: level.axes[at]?.unit };
  };
  return formatOmeXml({
    name: image.name,
    pixelType: omeType,
    sizes: Object.fromEntries(AXES.map((axis) => [axis, sizeOf(axis)])) as Record<TiffAxis, number>,
    pixelSizes: { x: quantityOf("x"), y: quantityOf("y"), z: quantityOf("z") },
    timeIncrement: quantityOf("t"),
    channels: image.channels.slice(...ranges.c).map(({ label, color }) => ({ name: label, color })),
  });
}
