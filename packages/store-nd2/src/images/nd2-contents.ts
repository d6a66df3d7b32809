import { type Finding, isOzxError, type JsonObject, type ReadOptions, UnsupportedError } from "@ozx/core";
import { missingPlanes, notice, type PlateLayout, type VirtualImage } from "@ozx/virtual";
import { type FrameAttributes, parseAttributes } from "../parse/attributes.js";
import { viewOf } from "../parse/bytes.js";
import { type Position, parseExperiment } from "../parse/experiment.js";
import { Nd2Fault } from "../parse/fault.js";
import { type VariantLevel, variantJson } from "../parse/lite-variant.js";
import { parsePictureMetadata } from "../parse/picture-metadata.js";
import { parseTextInfo } from "../parse/text-info.js";
import { type Nd2File, scannedFinding } from "../read/nd2-file.js";
import { type ArrayChannels, arrayChannels } from "./channels.js";
import { type FrameGrid, frameGrid } from "./frame-grid.js";
import { plateOfNames } from "./well-names.js";

/** What an ND2 holds. */
export interface Nd2Contents {
  readonly attributes: FrameAttributes;
  readonly grid: FrameGrid;
  readonly channels: ArrayChannels;
  /** One for each position. */
  readonly images: readonly VirtualImage[];
  readonly plate?: PlateLayout | undefined;
  /** What the file says in words, for the attributes of the whole. */
  readonly about: JsonObject;
  /** The metadata that the file has, as JSON. */
  readonly metadata: JsonObject;
  readonly findings: readonly Finding[];
}

/** Positions, at most, besides as many as there are frames. */
const MOST_POSITIONS = 65_536;
/** Frames whose times are kept, at most. */
const MOST_TIMES = 1_000_000;

/**
 * Reads what an ND2 holds: how frames are stored, and what they are.
 *
 * @throws InvalidArchiveError where its metadata is missing or damaged
 * @throws UnsupportedError for frames and loops that cannot be read
 */
export async function readContents(file: Nd2File, options?: ReadOptions): Promise<Nd2Contents> {
  const { name, map } = file;
  const [times, imageAttributes, experimentLevel, picture, texts] = await Promise.all([
    file.data("CustomData|AcqTimesCache", MOST_TIMES * Float64Array.BYTES_PER_ELEMENT, options),
    file.metadata("ImageAttributes", options),
    file.metadata("ImageMetadata", options),
    file.metadata(firstPicture(map.chunks), options),
    readTexts(file, options),
  ]);
  if (imageAttributes === undefined) throw file.fault("has no image attributes");
  const attributes = await plainWhereRaw(
    file,
    named(file, () => parseAttributes(imageAttributes)),
    options,
  );
  if (attributes.compression === "lossy") throw unsupported(name, "has frames with lossy compression");
  const { rowBytes, height } = attributes;
  if (attributes.compression === "none" && rowBytes * (height - 1) > file.source.size) {
    throw file.fault(`has frames of ${rowBytes * height} bytes, and ${file.source.size} in all`);
  }
  let last = -1;
  for (const frame of map.frames.keys()) last = Math.max(last, frame);
  const experiment = parseExperiment(experimentLevel);
  const grid = frameGrid(experiment, last, map.frames.size);
  if (typeof grid === "string") throw unsupported(name, grid);
  if (experiment.isUncertain && grid.t * grid.z * grid.positions !== attributes.frameCount) {
    throw unsupported(name, "does not say in a known way which steps of its loops were taken");
  }
  if (grid.positions > Math.max(MOST_POSITIONS, map.frames.size)) {
    throw file.fault(`says that it has ${grid.positions} positions`);
  }
  const { pixelSize, channels: found } = parsePictureMetadata(picture);
  const channels = arrayChannels(found, attributes.components);
  const images = Array.from({ length: grid.positions }, (_, k) =>
    imageOf({ attributes, grid, channels, pixelSize, position: k }),
  );
  const text = parseTextInfo(texts);
  const levels = { attributes: imageAttributes, experiment: experimentLevel, picture, text: texts };
  return {
    attributes,
    grid,
    channels,
    images,
    plate: plateOfNames(grid.positions > 1 ? images.map((image) => image.name) : []),
    about: { nd2: { ...(Object.keys(text).length > 0 && { text }) } },
    metadata: { ...jsonOf(levels), ...(times && { acquisitionTimes: timesOf(times) }) },
    findings: [
      ...(file.isScanned ? [scannedFinding(file)] : []),
      ...gridFindings(name, grid, map.frames.size),
      ...(channels.channels === undefined && found.length > 0 ? [channelFinding(name)] : []),
    ],
  };
}

/** What is said in words, which no pixel depends on: undefined where it is damaged. */
async function readTexts(file: Nd2File, options?: ReadOptions): Promise<VariantLevel | undefined> {
  try {
    return await file.metadata("ImageTextInfo", options);
  } catch (error) {
    if (isOzxError(error, "InvalidArchive") || isOzxError(error, "InvalidMetadata")) return undefined;
    throw error;
  }
}

/** Frames that are said to be compressed with losses, and have all bytes of their pixels, are not compressed. */
async function plainWhereRaw(
  file: Nd2File,
  attributes: FrameAttributes,
  options?: ReadOptions,
): Promise<FrameAttributes> {
  const { compression, rowBytes, height } = attributes;
  const [first] = file.map.frames.keys();
  if (compression !== "lossy" || first === undefined) return attributes;
  const frame = await file.frame(first, options);
  return frame?.length === rowBytes * height ? { ...attributes, compression: "none" } : attributes;
}

/** The metadata of the first frame that has any; nearly always frame 0. */
function firstPicture(chunks: ReadonlyMap<string, number>): string {
  const numbers = [...chunks.keys()].flatMap(
    (name) => /^ImageMetadataSeq(?:LV)?\|(\d+)$/.exec(name)?.[1] ?? [],
  );
  return `ImageMetadataSeq|${numbers.reduce((least, number) => Math.min(least, Number(number)), Infinity)}`;
}

/** What is known of a position. @param pixelSize in micrometers */
export function describePosition(
  { steps: { t, z }, known }: FrameGrid,
  pixelSize: number | undefined,
  k: number,
): Pick<VirtualImage, "name" | "scale" | "attributes"> {
  const micrometers = (value: number | undefined) =>
    value === undefined ? undefined : { value, unit: "micrometer" };
  return {
    name: known[k]?.name,
    scale: {
      x: micrometers(pixelSize),
      y: micrometers(pixelSize),
      z: micrometers(z),
      t: t === undefined ? undefined : { value: t, unit: "millisecond" },
    },
    attributes: stageAttributes(known[k]),
  };
}

function imageOf({
  attributes,
  grid,
  channels,
  pixelSize,
  position,
}: Pick<Nd2Contents, "attributes" | "grid" | "channels"> & {
  readonly pixelSize: number | undefined;
  readonly position: number;
}): VirtualImage {
  const { width, height, components, bits, significantBits } = attributes;
  return {
    ...describePosition(grid, pixelSize, position),
    sizes: { t: grid.t, c: 1, z: grid.z },
    channels: channels.channels,
    significantBits,
    levels: [{ width, height }],
    samples: components,
    kind: bits === 32 ? "float" : "uint",
    bits,
    isRgb: channels.isRgb,
  };
}

function stageAttributes(position: Position | undefined): JsonObject | undefined {
  const entries = (["x", "y", "z"] as const).flatMap((axis) => {
    const value = position?.[axis];
    return value === undefined ? [] : [[axis, value] as const];
  });
  if (entries.length === 0) return undefined;
  return { nd2: { stagePosition: { ...Object.fromEntries(entries), unit: "micrometer" } } };
}

function gridFindings(name: string, grid: FrameGrid, present: number): Finding[] {
  const findings: Finding[] = [];
  const count = grid.t * grid.z * grid.positions;
  if (present < count) findings.push(missingPlanes(name, count - present, count));
  if (grid.isGuessed) {
    findings.push(
      notice(
        "unknown-axis",
        `${name} does not say what its ${count} frames are: they are taken as t.`,
        "If they are something else, save it again with the program that wrote it.",
      ),
    );
  }
  if (grid.isExtended) {
    findings.push(
      notice(
        "more-frames",
        `${name} has more frames than the loops of its experiment: the outermost loop is taken as longer.`,
        "Check the number of frames against what was acquired.",
      ),
    );
  }
  return findings;
}

function channelFinding(name: string): Finding {
  return notice(
    "unknown-channels",
    `${name} describes other channels than its frames have: their names and colours are left out.`,
    "Name the channels after converting it.",
  );
}

function jsonOf(levels: Readonly<Record<string, VariantLevel | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(levels).flatMap(([key, level]) =>
      level === undefined ? [] : [[key, variantJson(level)]],
    ),
  );
}

/** Milliseconds from the start of the acquisition, by the numbers of frames. */
function timesOf(bytes: Uint8Array): (number | null)[] {
  const view = viewOf(bytes);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, k) => {
    const time = view.getFloat64(8 * k, true);
    return Number.isFinite(time) ? time : null;
  });
}

function named<T>(file: Nd2File, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Nd2Fault ? file.fault(error.message, error) : error;
  }
}

function unsupported(name: string, what: string): UnsupportedError {
  return new UnsupportedError(`${name} cannot be read: it ${what}; export it as TIFF from NIS-Elements`, {
    location: name,
    feature: what,
  });
}
