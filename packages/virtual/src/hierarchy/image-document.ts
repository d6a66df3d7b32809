import { defaultColor, type JsonObject } from "@ozx/core";
import { micrometers } from "./micrometers.js";
import type {
  AxisName,
  ChannelMetadata,
  ImageScale,
  LevelSize,
  Quantity,
  VirtualImage,
} from "./virtual-image.js";

/** The axes of images that belong together: those along which any of them has more than one plane, and y and x. */
export function axesOf(images: readonly VirtualImage[]): readonly AxisName[] {
  const names: AxisName[] = ["t", "c", "z", "y", "x"];
  const isNeeded = (axis: AxisName): boolean =>
    axis === "y" ||
    axis === "x" ||
    images.some(({ sizes, samples, channels }) => {
      if (axis !== "c") return sizes[axis] > 1;
      // A name or a colour of a single channel needs an axis to be the channel of.
      return sizes.c * samples > 1 || (channels?.some(isKnown) ?? false);
    });
  return names.filter(isNeeded);
}

function isKnown({ name, color, window }: ChannelMetadata): boolean {
  return name !== undefined || color !== undefined || window !== undefined;
}

/**
 * The metadata document of an image's group.
 *
 * @param paths of its arrays, from the full resolution down
 */
export function imageDocument(
  image: VirtualImage,
  axes: readonly AxisName[],
  paths: readonly string[],
): JsonObject {
  const { name, levels, attributes, origin } = image;
  const scale = withOneUnit(image.scale ?? {});
  const [full] = levels;
  const offsetAlong = (axis: AxisName): number =>
    axis === "x" || axis === "y" ? (origin?.[axis] ?? 0) * sizeAlong(scale, axis) : 0;
  const translation = axes.map((axis) => offsetAlong(axis));
  const datasets = levels.map((level, k) => ({
    path: paths[k],
    coordinateTransformations: [
      { type: "scale", scale: axes.map((axis) => sizeAlong(scale, axis) * factorOf(axis, full, level)) },
      ...(translation.some((offset) => offset !== 0) ? [{ type: "translation", translation }] : []),
    ],
  }));
  const omero = omeroOf(image);
  return {
    zarr_format: 3,
    node_type: "group",
    attributes: {
      ome: {
        version: "0.5",
        multiscales: [
          {
            ...(name !== undefined && { name }),
            axes: axes.map((axis) => axisOf(axis, scale)),
            datasets,
          },
        ],
        ...(omero && { omero }),
      },
      ...attributes,
    },
  };
}

/** Metres by unit, for those that files mix. */
const METRES: Readonly<Record<string, number>> = {
  picometer: 1e-12,
  angstrom: 1e-10,
  nanometer: 1e-9,
  micrometer: 1e-6,
  millimeter: 1e-3,
  centimeter: 1e-2,
  meter: 1,
};

/** The scale with the same unit along x, y and z: viewers expect no others. */
function withOneUnit(scale: ImageScale): ImageScale {
  const { x, y, z } = scale;
  const units = new Set([x, y, z].flatMap((size) => size?.unit ?? []));
  if (units.size < 2) return scale;
  const inMicrometers = (size: Quantity | undefined): Quantity | undefined => {
    const metres = METRES[size?.unit ?? ""];
    if (size === undefined || metres === undefined) return size;
    return micrometers((size.value * metres) / 1e-6) ?? size;
  };
  return { ...scale, x: inMicrometers(x), y: inMicrometers(y), z: inMicrometers(z) };
}

function sizeAlong(scale: ImageScale, axis: AxisName): number {
  return (axis === "c" ? undefined : scale[axis]?.value) ?? 1;
}

/** How many pixels of the full resolution one of a lower level stands for. */
function factorOf(axis: AxisName, full: LevelSize | undefined, level: LevelSize): number {
  if (full === undefined || full === level || (axis !== "x" && axis !== "y")) return 1;
  return level.factor?.[axis] ?? (axis === "x" ? full.width / level.width : full.height / level.height);
}

function axisOf(axis: AxisName, scale: ImageScale): JsonObject {
  if (axis === "c") return { name: axis, type: "channel" };
  const unit = scale[axis]?.unit;
  return { name: axis, type: axis === "t" ? "time" : "space", ...(unit !== undefined && { unit }) };
}

const RGB: readonly ChannelMetadata[] = [
  { name: "Red", color: "FF0000" },
  { name: "Green", color: "00FF00" },
  { name: "Blue", color: "0000FF" },
];

/** Viewers need a colour and a window of each channel: what the file does not say, they get as images that ozx creates. */
function omeroOf(image: VirtualImage): JsonObject | undefined {
  const known = image.channels?.some(isKnown) ? image.channels : coloursOf(image);
  if (known === undefined) return undefined;
  const [min, max] = limitsOf(image);
  return {
    channels: known.map(({ name, color, window: [start, end] = [min, max] }, k) => ({
      ...(name !== undefined && { label: name }),
      color: color ?? defaultColor(k, known.length),
      active: true,
      window: { start, end, min: Math.min(min, start), max: Math.max(max, end) },
    })),
  };
}

/** The channels of colour pictures. */
function coloursOf({ sizes, samples, isRgb }: VirtualImage): readonly ChannelMetadata[] | undefined {
  if (sizes.c !== 1 || samples < 3 || !isRgb) return undefined;
  const more = Array.from({ length: samples - 3 }, (_, k): ChannelMetadata => ({ name: `Extra ${k + 1}` }));
  return [...RGB, ...more];
}

/** The smallest and largest values of integers; 0 and 1 of floating-point numbers. */
function limitsOf({ kind, bits, significantBits = bits }: VirtualImage): readonly [number, number] {
  if (kind === "float") return [0, 1];
  const used = Math.min(bits, significantBits);
  return kind === "int" ? [-(2 ** (used - 1)), 2 ** (used - 1) - 1] : [0, 2 ** used - 1];
}
