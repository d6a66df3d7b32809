import { type Finding, type JsonObject, type ReadOptions, UnsupportedError } from "@ozx/core";
import { missingPlanes, parseXml, type VirtualImage } from "@ozx/virtual";
import { type Jpeg2000Header, readJpeg2000Header } from "@ozx/virtual/decode";
import { arrayChannels } from "../images/channels.js";
import { type FrameGrid, frameGrid } from "../images/frame-grid.js";
import { describePosition } from "../images/nd2-contents.js";
import { variantJson } from "../parse/lite-variant.js";
import { parsePictureMetadata } from "../parse/picture-metadata.js";
import type { LegacyFile } from "./legacy-file.js";
import { legacyExperiment, levelWith } from "./legacy-loops.js";

/** What an ND2 of JPEG 2000 holds. */
export interface LegacyContents {
  readonly grid: FrameGrid;
  /** Pictures of a frame. */
  readonly planes: number;
  /** Of the first picture; all others are like it. */
  readonly header: Jpeg2000Header;
  /** One for each position. */
  readonly images: readonly VirtualImage[];
  readonly about: JsonObject;
  readonly metadata: JsonObject;
  readonly findings: readonly Finding[];
}

/** Bytes of a picture that its header is in. */
const HEADER = 4096;
/** Bytes of the pixels of a picture, as a typed array and WebAssembly can be expected to hold. */
const LARGEST = 2 ** 31 - 1;
/** Positions, at most, besides as many as there are frames. */
const MOST_POSITIONS = 65_536;

/**
 * Reads what an ND2 of JPEG 2000 holds.
 *
 * @throws InvalidArchiveError where it is damaged
 * @throws UnsupportedError for pictures and loops that cannot be read
 */
export async function readLegacyContents(file: LegacyFile, options?: ReadOptions): Promise<LegacyContents> {
  const { name, source, pictures } = file;
  if (pictures.length === 0) throw file.fault("has no pictures");
  const [first, picture, experiments, texts] = await Promise.all([
    file.picture(0, options),
    file.metadata("VIMD", options),
    Promise.all([file.metadata("AIM1", options), file.metadata("AIMD", options)]),
    readTexts(file, options),
  ]);
  const header = headerOf(file, await source.read(first.offset, Math.min(HEADER, first.length), options));
  const { pixelSize, channels: found } = parsePictureMetadata(levelWith(picture, ["sPicturePlanes"]));
  const planes = found.length > 0 && pictures.length % found.length === 0 ? found.length : 1;
  const frames = Math.floor(pictures.length / planes);
  const words = texts.join("\n");
  const experiment = legacyExperiment(experiments[0] ?? experiments[1], words, frames);
  const grid = frameGrid(experiment, frames - 1, frames);
  if (typeof grid === "string" || experiment.isUncertain) {
    const what = typeof grid === "string" ? grid : "does not say which steps of its loops were taken";
    throw new UnsupportedError(`${name} cannot be read: it ${what}; save it again with NIS-Elements`, {
      location: name,
      feature: what,
    });
  }
  const count = grid.t * grid.z * grid.positions;
  if (grid.positions > Math.max(MOST_POSITIONS, frames)) {
    throw file.fault(`says that it has ${grid.positions} positions`);
  }
  const { channels } = arrayChannels(found, planes * header.components);
  const { width, height, components, precision } = header;
  const images = Array.from(
    { length: grid.positions },
    (_, k): VirtualImage => ({
      ...describePosition(grid, pixelSize, k),
      sizes: { t: grid.t, c: planes, z: grid.z },
      channels,
      significantBits: precision,
      levels: [{ width, height }],
      samples: components,
      kind: "uint",
      bits: precision <= 8 ? 8 : 16,
      isRgb: planes === 1 && components === 3,
    }),
  );
  const kept = Object.entries({ picture, experiment: experiments[0] ?? experiments[1] });
  return {
    grid,
    planes,
    header,
    images,
    about: { nd2: { ...(texts.length > 0 && { text: texts }) } },
    metadata: Object.fromEntries(kept.flatMap(([key, level]) => (level ? [[key, variantJson(level)]] : []))),
    findings: frames < count ? [missingPlanes(name, (count - frames) * planes, count * planes)] : [],
  };
}

function headerOf(file: LegacyFile, bytes: Uint8Array): Jpeg2000Header {
  let header: Jpeg2000Header;
  try {
    header = readJpeg2000Header(bytes);
  } catch (error) {
    throw file.fault("has a first picture that is not JPEG 2000, or of a kind that is not supported", error);
  }
  const { width, height, components, precision } = header;
  if (precision > 16 || width * height * components * (precision <= 8 ? 1 : 2) > LARGEST) {
    throw file.fault(`has pictures of ${width} × ${height} pixels with ${components} × ${precision} bits`);
  }
  return header;
}

/** The words that describe the file, which are attributes of its XML. */
async function readTexts(file: LegacyFile, options?: ReadOptions): Promise<readonly string[]> {
  const content = await file.xml("TINF", options);
  const texts: string[] = [];
  if (content === undefined) return texts;
  const open = (_: string, { Text }: Readonly<Record<string, string>>): void => {
    if (Text !== undefined && Text !== "") texts.push(Text);
  };
  const handlers = { open, close() {}, text() {} };
  // No pixel depends on them.
  await parseXml(content, { location: file.name, what: "TINF" }, handlers, options).catch(() => {});
  options?.signal?.throwIfAborted();
  return texts;
}
