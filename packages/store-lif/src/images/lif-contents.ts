import { type Finding, UnsupportedError } from "@ozx/core";
import {
  type ChannelMetadata,
  type ImageScale,
  notice,
  type Quantity,
  type VirtualImage,
} from "@ozx/virtual";
import { isColour, type LifDimension, type LifElement } from "../parse/elements.js";
import type { LifFile } from "../read/lif-file.js";
import { type PixelLayout, pixelLayout } from "./pixel-layout.js";

/** An image of the hierarchy: an element, or a tile of one. */
export interface LifImage {
  readonly image: VirtualImage;
  readonly element: LifElement;
  readonly layout: PixelLayout;
  /** Bytes from the start of its block to its first pixel. */
  readonly start: number;
}

/** What a LIF or LOF holds. */
export interface LifContents {
  /** At least one. */
  readonly images: readonly LifImage[];
  readonly findings: readonly Finding[];
}

/** Images, at most: tiles of mosaics are some thousands. */
const MOST_IMAGES = 262_144;

/**
 * What the images of a file are. Those that cannot be read are left out, and said.
 *
 * @throws InvalidArchiveError where there are none
 * @throws UnsupportedError where none can be read
 */
export function lifContents(file: LifFile): LifContents {
  const { name, elements, others } = file;
  if (elements.length === 0) throw file.fault("has no images");
  const images: LifImage[] = [];
  const findings: Finding[] = [];
  const refused: string[] = [];
  for (const element of elements) {
    const label = labelOf(element);
    const layout = pixelLayout(element);
    const isEmpty = element.size === 0 && file.block(element.block) === undefined;
    const reason = isEmpty ? "has no pixels" : typeof layout === "string" ? layout : undefined;
    if (reason !== undefined || typeof layout === "string") {
      refused.push(`its image ${quoted(label)} ${reason}`);
      continue;
    }
    if (layout.tiles.count > MOST_IMAGES - images.length) {
      throw file.fault(`says that it has more than ${MOST_IMAGES} images`);
    }
    images.push(...tilesOf(element, layout, label));
  }
  const [first] = refused;
  if (images.length === 0) {
    throw new UnsupportedError(`${name} cannot be read: ${first}; export it as TIFF from LAS X`, {
      location: name,
      feature: first ?? "no pixels",
    });
  }
  if (first !== undefined) {
    findings.push(
      notice(
        "images-left-out",
        `${refused.length} of the ${elements.length} images of ${name} ${refused.length === 1 ? "is" : "are"} left out: ${first}.`,
        "Export them as TIFF from LAS X, if they are needed.",
      ),
    );
  }
  const [other] = others;
  if (other !== undefined) {
    findings.push(
      notice(
        "data-left-out",
        `${others.length === 1 ? "1 element" : `${others.length} elements`} of ${name} with data that are not images, as those of FLIM, ${others.length === 1 ? "is" : "are"} left out: the first is ${quoted(labelOf(other))}.`,
        "Export them from LAS X, if they are needed.",
      ),
    );
  }
  return { images, findings };
}

/** The names of folders and of the image; that of the project, which is the file's, is left out. */
function labelOf({ path }: LifElement): string {
  return (path.length > 1 ? path.slice(1) : path).join("/");
}

/** Letters of a name in messages. */
const LONGEST_NAME = 200;

function quoted(name: string): string {
  return JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)} …` : name);
}

/** The tiles of a mosaic are images of their own: how far they overlap is nowhere said. */
function tilesOf(element: LifElement, layout: PixelLayout, label: string): LifImage[] {
  const { count, step } = layout.tiles;
  const image = imageOf(element, layout, label);
  if (count === 1) return [{ image, element, layout, start: 0 }];
  return Array.from({ length: count }, (_, k) => ({
    image: {
      ...image,
      name: `${label} tile ${k + 1}`,
      origin: originOf(element, layout, k),
      attributes: tileAttributes(element, k),
    },
    element,
    layout,
    start: k * step,
  }));
}

function imageOf(element: LifElement, layout: PixelLayout, label: string): VirtualImage {
  const { width, height, sizes, isInterleaved, dataType, itemSize, significantBits } = layout;
  return {
    name: label || undefined,
    sizes: isInterleaved ? { ...sizes, c: 1 } : sizes,
    scale: scaleOf(element),
    channels: channelsOf(element, layout),
    significantBits,
    levels: [{ width, height }],
    samples: isInterleaved ? sizes.c : 1,
    kind: dataType.startsWith("float") ? "float" : "uint",
    bits: 8 * itemSize,
    isRgb: isInterleaved && isColour(element.channels),
  };
}

const COLOURS: Readonly<Record<string, string>> = {
  red: "FF0000",
  green: "00FF00",
  blue: "0000FF",
  cyan: "00FFFF",
  magenta: "FF00FF",
  yellow: "FFFF00",
  gray: "FFFFFF",
  grey: "FFFFFF",
};
const TAGS: Readonly<Record<number, readonly [name: string, color: string]>> = {
  1: ["Red", "FF0000"],
  2: ["Green", "00FF00"],
  3: ["Blue", "0000FF"],
};

/** Colours come from lookup tables; colour pictures are red, green and blue. Names are not known for sure, so none are given. */
function channelsOf({ channels }: LifElement, { order, wavelengths }: PixelLayout): ChannelMetadata[] {
  const isPicture = isColour(channels);
  return order.flatMap((k) => {
    const { tag = 0, lut } = channels[k] ?? {};
    const [name, color] = (isPicture ? TAGS[tag] : undefined) ?? [];
    const known = { name, color: color ?? (wavelengths > 1 ? undefined : COLOURS[lut?.toLowerCase() ?? ""]) };
    return Array.from({ length: wavelengths }, () => known);
  });
}

/** Meters by the units of lengths, and seconds by those of times. */
const METERS: Readonly<Record<string, number>> = { m: 1, mm: 1e-3, um: 1e-6, µm: 1e-6, nm: 1e-9 };
const SECONDS: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, Ks: 1e3 };

/** Pixels of a centimeter are those of images that FLIM computes, which count pixels and call them meters. */
const LARGEST_STEP = 10_000;

function scaleOf({ dimensions }: LifElement): ImageScale {
  const stepOf = (id: number): LifDimension | undefined => dimensions.find((one) => one.id === id);
  return {
    x: lengthAlong(stepOf(1)),
    y: lengthAlong(stepOf(2)),
    z: lengthAlong(stepOf(3)),
    t: stepAlong(stepOf(4), SECONDS, 1, "second"),
  };
}

function lengthAlong(dimension: LifDimension | undefined): Quantity | undefined {
  const step = stepAlong(dimension, METERS, 1e6, "micrometer");
  return step === undefined || step.value >= LARGEST_STEP ? undefined : step;
}

/** The distance of two steps; undefined where the length is that of one value, or its unit is another. */
function stepAlong(
  dimension: LifDimension | undefined,
  units: Readonly<Record<string, number>>,
  factor: number,
  unit: string,
): Quantity | undefined {
  const { length = 0, count = 1, unit: own } = dimension ?? {};
  const size = Object.hasOwn(units, own ?? "") ? units[own ?? ""] : undefined;
  const value = (Math.abs(length) / (count - 1)) * (size ?? 0) * factor;
  return Number.isFinite(value) && value > 0 ? { value: Number(value.toPrecision(12)), unit } : undefined;
}

/** Where a tile is, in pixels: from its position in meters. */
function originOf(element: LifElement, layout: PixelLayout, k: number): VirtualImage["origin"] {
  const tile = element.tiles[k];
  const { x, y } = scaleOf(element);
  if (tile === undefined || x === undefined || y === undefined || element.tiles.length !== layout.tiles.count)
    return undefined;
  const origin = { x: (tile.x * 1e6) / x.value, y: (tile.y * 1e6) / y.value };
  return Number.isFinite(origin.x) && Number.isFinite(origin.y) ? origin : undefined;
}

function tileAttributes({ tiles, tileScan }: LifElement, k: number): VirtualImage["attributes"] {
  const tile = tiles[k];
  if (tile === undefined || !Number.isFinite(tile.x) || !Number.isFinite(tile.y)) return undefined;
  return { leica: { tile: { x: tile.x, y: tile.y, unit: "meter", ...tileScan } } };
}
