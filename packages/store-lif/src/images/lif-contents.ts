import { type Finding, UnsupportedError } from "@ozx/core";
import { type ChannelMetadata, notice, type VirtualImage } from "@ozx/virtual";
import { isColour, type LifElement } from "../parse/elements.js";
import type { LifFile } from "../read/lif-file.js";
import { composeTiles, type ImageTile, tileOrigin } from "./compose-tiles.js";
import { type PixelLayout, pixelLayout } from "./pixel-layout.js";
import { scaleOf } from "./scale.js";

/** An image of the hierarchy: an element, or a tile of one. */
export interface LifImage {
  readonly image: VirtualImage;
  readonly element: LifElement;
  readonly layout: PixelLayout;
  /** What it is composed of; one unless it is a mosaic. */
  readonly tiles: readonly ImageTile[];
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
  const findings: Finding[] = [...file.findings];
  const refused: string[] = [];
  const apart: string[] = [];
  for (const element of elements) {
    const label = labelOf(element);
    const layout = pixelLayout(element);
    const block = file.block(element);
    const isEmpty = element.size === 0 && block === undefined;
    const reason = isEmpty ? "has no pixels" : [block, layout].find((one) => typeof one === "string");
    if (reason !== undefined || typeof layout === "string") {
      refused.push(`its image ${quoted(label)} ${reason}`);
      continue;
    }
    if (layout.tiles.count > MOST_IMAGES - images.length) {
      throw file.fault(`says that it has more than ${MOST_IMAGES} images`);
    }
    const one = imageOf(element, layout, label);
    const composed = composeTiles(element, layout);
    if (typeof composed === "string") {
      apart.push(`those of ${quoted(label)}, ${composed}`);
      images.push(...separateTiles({ image: one, element, layout, tiles: [] }, label));
    } else {
      const { width, height, origin, tiles } = composed;
      const attributes = tiles.length > 1 ? scanAttributes(element) : undefined;
      images.push({
        image: { ...one, levels: [{ width, height }], origin, attributes },
        element,
        layout,
        tiles,
      });
    }
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
  const [mosaic] = apart;
  if (mosaic !== undefined) {
    findings.push(
      notice(
        "tiles-apart",
        `The tiles of ${apart.length === 1 ? "1 mosaic" : `${apart.length} mosaics`} in ${name} are images of their own: ${mosaic}.`,
        "Stitch them, or use what LAS X has merged.",
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

/** The tiles of a mosaic as images of their own. */
function separateTiles(mosaic: LifImage, label: string): LifImage[] {
  const { image, element, layout } = mosaic;
  const { width, height, tiles } = layout;
  return Array.from({ length: tiles.count }, (_, k) => ({
    ...mosaic,
    image: {
      ...image,
      name: `${label} tile ${k + 1}`,
      origin: tileOrigin(element, layout, k),
      attributes: tileAttributes(element, k),
    },
    tiles: [{ x: 0, y: 0, width, height, start: k * tiles.step }],
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

function tileAttributes({ tiles, tileScan }: LifElement, k: number): VirtualImage["attributes"] {
  const tile = tiles[k];
  if (tile === undefined || !Number.isFinite(tile.x) || !Number.isFinite(tile.y)) return undefined;
  return { leica: { tile: { x: tile.x, y: tile.y, unit: "meter", ...tileScan } } };
}

function scanAttributes({ tiles, tileScan }: LifElement): VirtualImage["attributes"] {
  return { leica: { tileScan: { tiles: tiles.length, ...tileScan } } };
}
