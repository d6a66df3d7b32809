import {
  CorruptDataError,
  InvalidMetadataError,
  type JsonObject,
  NotFoundError,
  type ReadOptions,
} from "@ozx/core";
import type { Page } from "../../parse/page.js";
import { readText } from "../../parse/values.js";
import type { FileSet } from "../../read/file-set.js";
import type { TiffFile } from "../../read/tiff-file.js";
import type { Layout } from "../layout.js";
import {
  type AcquiredPlanes,
  acquisitionLayout,
  numberValues,
  parseLoose,
  samplePlanes,
} from "./acquisition.js";
import { type NdtiffRecord, parseIndex } from "./ndtiff-index.js";
import { bitDepthOf, channelsOf, numberIn, type PlaneMetadata, scaleOf, textIn } from "./summary.js";

/** The mark of NDTiff 2 and 3, and that of the summary after it. */
const MAGIC = 483_729;
const SUMMARY = 2_355_492;
const LONGEST = 64 * 1024 * 1024;
/** The index of a million images has some 150 MB. */
const LARGEST_INDEX = 1024 * 1024 * 1024;
/** Axes along which OME-Zarr has planes. Along all others, such as positions, each value is an image. */
const PLANE_AXES: readonly string[] = ["time", "channel", "z"];

/** The summary in a file's header; undefined for files that are not NDTiff. */
export async function readNdtiffSummary(
  { header, source, windows }: TiffFile,
  options?: ReadOptions,
): Promise<JsonObject | undefined> {
  if (header.big || source.size < 28) return undefined;
  const start = (await windows.load(0, 28, options)).subarray(0, 28);
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  const at = (offset: number): number => view.getUint32(offset, header.littleEndian);
  if (at(8) !== MAGIC) return undefined;
  // Version 3 has a minor version too.
  const mark = at(16) === SUMMARY ? 16 : 20;
  const length = at(mark + 4);
  if (at(mark) !== SUMMARY || length > LONGEST || mark + 8 + length > source.size) return {};
  return parseLoose(readText(await source.read(mark + 8, length, options)));
}

/**
 * An acquisition by Micro-Manager or Pycro-Manager in NDTiff 2 or 3: files of pixels, and an index that says what they are.
 *
 * @returns undefined for other files
 * @throws NotFoundError where the index is missing
 */
export async function ndtiffLayout(files: FileSet, options?: ReadOptions): Promise<Layout | undefined> {
  const { first } = files;
  const summary = await readNdtiffSummary(first, options);
  if (summary === undefined) return undefined;
  const records = [...parseIndex(await readIndex(files, options))];
  if (records.length === 0) {
    throw new InvalidMetadataError(`NDTiff.index beside ${first.name} lists no image`, {
      location: first.name,
    });
  }
  const page = await first.page(first.header.firstIfd, options);
  const { planes, positions, channelNames } = placeRecords(records, files, page);
  const metadataAt = (k: number): Promise<JsonObject> => recordMetadata(records[k], files, options);
  const samples = samplePlanes(planes);
  const times = await Promise.all(
    samples.times.map(
      async ({ t, plane }): Promise<PlaneMetadata> => ({ t, metadata: await metadataAt(plane) }),
    ),
  );
  const names = await Promise.all(
    samples.channels.map(
      async (k, c) => channelNames[c] ?? (k < 0 ? undefined : textIn(await metadataAt(k), "Channel")),
    ),
  );
  const hasStep = numberIn(summary, "z-step_um") !== undefined;
  const step = hasStep ? undefined : await stepOf(planes, metadataAt);
  return acquisitionLayout({
    title: "NDTiff",
    name: first.name,
    file: first,
    page,
    planes,
    positions,
    scale: scaleOf(step === undefined ? summary : { ...summary, "z-step_um": step }, times),
    channels: channelsOf(summary, names),
    significantBits: bitDepthOf(times[0]?.metadata ?? {}) ?? BITS[records[0]?.pixelType ?? 1],
    attributes: { micromanager: { Summary: summary } },
    positionAttributes: () => undefined,
    findings: [],
  });
}

/** Bits by pixel type, where they are fewer than a sample has. */
const BITS: Readonly<Record<number, number>> = { 3: 10, 4: 12, 5: 14, 6: 11 };

async function readIndex(files: FileSet, options?: ReadOptions): Promise<Uint8Array> {
  const source = await files.source("NDTiff.index", options);
  if (source === undefined) {
    throw new NotFoundError(
      `NDTiff.index, which says what the images in ${files.first.name} are, is not beside it: copy the whole folder, and open that`,
      { location: files.first.name },
    );
  }
  try {
    return await source.read(0, Math.min(source.size, LARGEST_INDEX), options);
  } finally {
    await source.close();
  }
}

interface PlacedRecords {
  readonly planes: AcquiredPlanes;
  readonly positions: readonly { readonly number: number; readonly label: string | undefined }[];
  /** By channel, where channels have names. */
  readonly channelNames: readonly (string | undefined)[];
}

function placeRecords(records: readonly NdtiffRecord[], files: FileSet, page: Page): PlacedRecords {
  const valuesOf = (axis: string): Map<number | string, number> =>
    numberValues(records.map(({ axes }) => axes[axis] ?? 0));
  const [times, channels, slices] = PLANE_AXES.map(valuesOf) as [
    ...[Map<number | string, number>, Map<number | string, number>, Map<number | string, number>],
  ];
  const others = otherAxes(records);
  const keys = records.map(({ axes }) => others.map((axis) => axes[axis] ?? 0));
  const positionNumbers = new Map<string, number>();
  const labels: (string | undefined)[] = [];
  for (const key of keys) {
    const id = JSON.stringify(key);
    if (positionNumbers.has(id)) continue;
    positionNumbers.set(id, labels.length);
    labels.push(labelOf(others, key));
  }
  const column = (value: (record: NdtiffRecord, k: number) => number): Int32Array =>
    Int32Array.from(records, value);
  const planes: AcquiredPlanes = {
    count: records.length,
    t: column(({ axes }) => times.get(axes["time"] ?? 0) ?? 0),
    c: column(({ axes }) => channels.get(axes["channel"] ?? 0) ?? 0),
    z: column(({ axes }) => slices.get(axes["z"] ?? 0) ?? 0),
    position: column((_, k) => positionNumbers.get(JSON.stringify(keys[k])) ?? 0),
    async at(k) {
      const record = records[k];
      const file = record && (await fileOf(record.file, files));
      if (record === undefined || file === undefined) return undefined;
      checkSize(record, page, file);
      return { file, ifd: file.header.firstIfd, pixels: record.pixels };
    },
  };
  return {
    planes,
    positions: labels.map((label, number) => ({ number, label })),
    channelNames: [...channels.keys()].map((value) => (typeof value === "string" ? value : undefined)),
  };
}

/** The axes that are no planes of an image and have more than one value, in a fixed order. */
function otherAxes(records: readonly NdtiffRecord[]): string[] {
  const values = new Map<string, Set<number | string>>();
  for (const { axes } of records) {
    for (const [axis, value] of Object.entries(axes)) {
      if (!PLANE_AXES.includes(axis)) values.set(axis, (values.get(axis) ?? new Set()).add(value));
    }
  }
  return [...values.keys()].filter((axis) => (values.get(axis)?.size ?? 0) > 1 || axis === "position").sort();
}

/** The name of a position; with several axes, as in `column=1, row=2`. */
function labelOf(axes: readonly string[], key: readonly (number | string)[]): string | undefined {
  const [axis] = axes;
  const [value] = key;
  if (axis === undefined || value === undefined) return undefined;
  if (axes.length === 1 && typeof value === "string") return value;
  return axes.map((name, k) => `${name}=${key[k]}`).join(", ");
}

async function fileOf(name: string, files: FileSet): Promise<TiffFile> {
  if (name === files.firstName) return files.first;
  const file = await files.tiff(name);
  if (file !== undefined) return file;
  throw new NotFoundError(
    `${name} is missing, which has planes of ${files.first.name}: copy the whole folder`,
    {
      location: name,
    },
  );
}

/** Pixels are read by the first page: images of other sizes are not of the same array. */
function checkSize({ width, height, pixelType }: NdtiffRecord, page: Page, { name }: TiffFile): void {
  const samples = pixelType === 2 ? 3 : 1;
  const bits = pixelType === 0 || pixelType === 2 ? 8 : 16;
  if (width === page.width && height === page.height && samples === page.samples && bits === page.bits)
    return;
  throw new CorruptDataError(
    `an image in ${name} has ${width} × ${height} pixels of ${samples} × ${bits} bits, unlike the first with ${page.width} × ${page.height} of ${page.samples} × ${page.bits}`,
    { location: name },
  );
}

async function recordMetadata(
  record: NdtiffRecord | undefined,
  files: FileSet,
  options?: ReadOptions,
): Promise<JsonObject> {
  if (record === undefined) return {};
  const { source } = await fileOf(record.file, files);
  const { metadataAt: at, metadataLength: length } = record;
  if (length > LONGEST || at + length > source.size) return {};
  return parseLoose(readText(await source.read(at, length, options)));
}

/** The distance between the first two slices, if their planes say where they are. */
async function stepOf(
  planes: AcquiredPlanes,
  metadataAt: (k: number) => Promise<JsonObject>,
): Promise<number | undefined> {
  const find = (z: number): number => {
    for (let k = 0; k < planes.count; k++) if (planes.z[k] === z) return k;
    return -1;
  };
  const [low, high] = [find(0), find(1)];
  if (low < 0 || high < 0) return undefined;
  const heights = await Promise.all(
    [low, high].map(async (k) => numberIn(await metadataAt(k), "ZPosition_um_Intended")),
  );
  const [from, to] = heights;
  return from === undefined || to === undefined ? undefined : Number(Math.abs(to - from).toPrecision(9));
}
