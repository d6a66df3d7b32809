import { damagedJpeg, type MarkerSegment, markerSegments } from "./jpeg-markers.js";

// ITU-T T.81, table B.1.
const SOI = 0xd8;
const EOI = 0xd9;
const DHT = 0xc4;
const JPG = 0xc8;
const DAC = 0xcc;
const SOF0 = 0xc0;
const SOF15 = 0xcf;
const APP0 = 0xe0;
const APP14 = 0xee;

/** What a JPEG stream says before its first scan. */
export interface JpegHeader {
  /** The low byte of its start of frame: 0xc0 baseline, 0xc1 extended, 0xc2 progressive, 0xc3 lossless. */
  readonly frame: number;
  /** Bits of a sample. */
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Whether it says that it is JFIF, and so YCbCr. */
  readonly isJfif: boolean;
  /** Its marker segments before the first scan. */
  readonly segments: readonly MarkerSegment[];
  /** Where the first scan starts. */
  readonly scan: number;
}

/**
 * Reads a JPEG stream up to its first scan.
 *
 * @throws DamagedSegmentError
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  const { segments, end } = markerSegments(bytes);
  if (end === undefined) throw damagedJpeg("has no scan");
  const frames = segments.filter(({ marker }) => isFrame(marker));
  const [frame] = frames;
  if (frame === undefined || frames.length > 1) throw damagedJpeg(`has ${frames.length} frames and not one`);
  const [precision, high, low, wide, narrow, components] = frame.bytes.subarray(4);
  if (components === undefined || frame.bytes.length !== 10 + 3 * components)
    throw damagedJpeg("has a frame of a wrong size");
  const word = (first: number | undefined, second: number | undefined): number =>
    (first as number) * 256 + (second as number);
  return {
    frame: frame.marker,
    precision: precision as number,
    width: word(wide, narrow),
    height: word(high, low),
    components,
    isJfif: segments.some(isJfif),
    segments,
    scan: end,
  };
}

/**
 * Joins a stream with the tables that its file has once for all segments (JPEGTables: TIFF Technical Note 2).
 *
 * @param raw whether its components are to be kept as they are, in place of what markers or the lack of them say of YCbCr
 * @throws DamagedSegmentError
 */
export function joinJpeg(
  bytes: Uint8Array,
  header: JpegHeader,
  { tables, raw }: { readonly tables?: Uint8Array | undefined; readonly raw: boolean },
): Uint8Array {
  const shared = tables === undefined ? [] : markerSegments(tables).segments;
  // What a segment says comes last, and so has the last word.
  const kept = [...shared, ...header.segments].filter(
    ({ marker }) => !(raw && (marker === APP0 || marker === APP14)),
  );
  const parts = [
    Uint8Array.of(0xff, SOI),
    ...(raw ? [RAW_COMPONENTS] : []),
    ...kept.map((segment) => segment.bytes),
    bytes.subarray(header.scan),
    END,
  ];
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether a set of tables is JFIF's. */
export function isJfifTables(tables: Uint8Array | undefined): boolean {
  return tables !== undefined && markerSegments(tables).segments.some(isJfif);
}

/** Adobe's marker, which says that there is no transform: `Adobe`, version 100, two flags, and the transform. */
const RAW_COMPONENTS = Uint8Array.of(
  ...[0xff, APP14, 0, 14],
  ...[0x41, 0x64, 0x6f, 0x62, 0x65],
  ...[0, 100, 0, 0, 0, 0, 0],
);
/** The end of the image once more, as some writers leave it out. Nothing reads what follows the first one. */
const END = Uint8Array.of(0xff, EOI);

function isFrame(marker: number): boolean {
  return marker >= SOF0 && marker <= SOF15 && marker !== DHT && marker !== JPG && marker !== DAC;
}

function isJfif({ marker, bytes }: MarkerSegment): boolean {
  return marker === APP0 && [...JFIF].every((letter, k) => bytes[4 + k] === letter.charCodeAt(0));
}

const JFIF = "JFIF\0";
