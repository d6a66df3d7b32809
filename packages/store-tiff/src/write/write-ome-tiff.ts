import type { OpenImage, ReadOptions } from "@ozx/core";
import { type ByteSink, IS_LITTLE_ENDIAN, swapBytes } from "@ozx/core/container";
import { encodeDeflate, toPixelBlock } from "@ozx/core/internal";
import { blocksOf, extentsOf, type PixelBlockRanges } from "./pixel-blocks.js";
import {
  AXES,
  type AxisRanges,
  describePlanes,
  sampleTypeOf,
  type WrittenPart,
  writtenPart,
} from "./plane-axes.js";
import { createTiffWriter, needsBigTiff, segmentsOf, type TiffForm, type TiffWriter } from "./tiff-writer.js";

/** Options of {@link writeOmeTiff}. */
export interface WriteTiffOptions extends ReadOptions {
  /** The part to write, in pixels of the largest level by the image's names of axes; all of it by default. */
  readonly ranges?: AxisRanges | undefined;
  /** Whether tiles and strips are compressed with deflate; false by default. */
  readonly deflated?: boolean | undefined;
  /** Called with the bytes of the pixels that have been read and written, and those of all. */
  onProgress?(progress: { readonly done: number; readonly all: number }): void;
}

/** What {@link writeOmeTiff} has written. */
export interface WrittenTiff {
  readonly planes: number;
  /** Of the file. */
  readonly bytes: number;
  /** Whether it is a BigTIFF, as files are that may become larger than 4 GiB. */
  readonly big: boolean;
  /** Whether its metadata is OME-XML, which has no integers of 64 bits: then it is only axes and shape. */
  readonly hasOmeXml: boolean;
}

/**
 * Writes the largest level of an image as OME-TIFF: a plane of every channel, depth and time is a page, with the values of
 * the image, and OME-XML has the axes, the sizes of pixels, and the names and colours of channels. Large planes are in
 * tiles, small ones in strips, which more programs read. The sink is not committed.
 *
 * @param sink its first 16 bytes are written last, all others in order
 * @throws UnsupportedError for complex numbers and axes that OME-TIFF does not have; UsageError for too many tiles; what
 *   reading and writing throw
 */
export async function writeOmeTiff(
  image: OpenImage,
  sink: ByteSink,
  { ranges = {}, deflated = false, onProgress, signal }: WriteTiffOptions = {},
): Promise<WrittenTiff> {
  const level = image.levels.find(({ model }) => model.array !== undefined) ?? image.level(0);
  const sample = sampleTypeOf(level);
  const part = writtenPart(image, level, ranges);
  const [t = 1, c = 1, z = 1, height = 1, width = 1] = extentsOf(part.ranges);
  const { bits, sampleFormat } = sample;
  const form: TiffForm = {
    ...{ pages: t * c * z, width, height, bits, sampleFormat, deflated },
    segment: segmentFor(width, height, bits),
    description: describePlanes(image, part, sample),
  };
  const writer = createTiffWriter(sink, form);
  const all = form.pages * width * height * (bits / 8);
  let done = 0;
  for (const block of blocksOf(part, form)) {
    signal?.throwIfAborted();
    const pixels = await readBlock(part, block, { signal });
    await writeBlock({ writer, form, part }, block, pixels, { signal });
    done += pixels.byteLength;
    onProgress?.({ done, all });
  }
  await writer.finish({ signal });
  return {
    planes: form.pages,
    bytes: writer.size,
    big: needsBigTiff(form),
    hasOmeXml: sample.omeType !== undefined,
  };
}

/** Planes up to this width and height are in strips. */
const MOST_STRIPS = 2048;
const TILE = 512;
const STRIP_BYTES = 256 * 1024;

function segmentFor(width: number, height: number, bits: number): TiffForm["segment"] {
  if (Math.max(width, height) > MOST_STRIPS) return { tiled: true, width: TILE, height: TILE };
  const rows = Math.max(1, Math.floor((STRIP_BYTES * 8) / (width * bits)));
  return { tiled: false, width, height: Math.min(height, rows) };
}

/** The pixels of a block as little-endian bytes, in the order of {@link AXES}. */
async function readBlock(
  { level, roles, others }: WrittenPart,
  block: PixelBlockRanges,
  options: ReadOptions,
): Promise<Uint8Array> {
  const chosen = AXES.flatMap((axis) => {
    const name = level.axes[roles[axis] ?? -1]?.name;
    return name === undefined ? [] : [[name, block[axis]] as const];
  });
  const { data, stride } = await level.read({ ...others, ...Object.fromEntries(chosen) }, options);
  const ordered = toPixelBlock({
    data,
    shape: extentsOf(block),
    stride: AXES.map((axis) => stride[roles[axis] ?? -1] ?? 0),
  }).data;
  const bytes = new Uint8Array(ordered.buffer, ordered.byteOffset, ordered.byteLength);
  if (!IS_LITTLE_ENDIAN && ordered.BYTES_PER_ELEMENT > 1) swapBytes(bytes, ordered.BYTES_PER_ELEMENT);
  return bytes;
}

interface Writing {
  readonly writer: TiffWriter;
  readonly form: TiffForm;
  readonly part: WrittenPart;
}

/** The only level of deflate that every browser has. */
const LEVEL = 6;
/** Tiles or strips that are compressed at once. */
const AT_ONCE = 8;

/** Writes the tiles or strips of a block, plane by plane. */
async function writeBlock(
  { writer, form, part: { ranges } }: Writing,
  block: PixelBlockRanges,
  pixels: Uint8Array,
  { signal }: ReadOptions,
): Promise<void> {
  const { segment, deflated } = form;
  const [nt = 1, nc = 1, nz = 1, height = 1, width = 1] = extentsOf(block);
  const [, c = 1, z = 1] = extentsOf(ranges);
  const { columns } = segmentsOf(form);
  const item = form.bits / 8;
  const [top, left] = [block.y[0] - ranges.y[0], block.x[0] - ranges.x[0]];
  const corners: {
    readonly page: number;
    readonly plane: Uint8Array;
    readonly y: number;
    readonly x: number;
  }[] = [];
  for (let at = 0; at < nt * nc * nz; at++) {
    const [inT, inC, inZ] = [Math.floor(at / (nc * nz)), Math.floor(at / nz) % nc, at % nz];
    const t = block.t[0] - ranges.t[0] + inT;
    const page = (t * c + block.c[0] - ranges.c[0] + inC) * z + block.z[0] - ranges.z[0] + inZ;
    const size = height * width * item;
    const plane = pixels.subarray(at * size, (at + 1) * size);
    for (let y = 0; y < height; y += segment.height) {
      for (let x = 0; x < width; x += segment.width) corners.push({ page, plane, y, x });
    }
  }
  for (let first = 0; first < corners.length; first += AT_ONCE) {
    signal?.throwIfAborted();
    const stored = corners.slice(first, first + AT_ONCE).map(async ({ page, plane, y, x }) => {
      const index = Math.floor((top + y) / segment.height) * columns + Math.floor((left + x) / segment.width);
      const bytes = segmentBytes(plane, { form, y, x, width, height });
      return { page, index, bytes: deflated ? await encodeDeflate(undefined, "zlib", bytes, LEVEL) : bytes };
    });
    for (const { page, index, bytes } of await Promise.all(stored)) {
      await writer.write(page, index, bytes, { signal });
    }
  }
}

interface SegmentPlace {
  readonly form: TiffForm;
  /** Its first pixel within the plane of a block, and the extents of that plane. */
  readonly y: number;
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** The bytes of a tile or strip: a tile is filled up with zeros at the edges. */
function segmentBytes(plane: Uint8Array, { form, y, x, width, height }: SegmentPlace): Uint8Array {
  const { segment, bits } = form;
  const item = bits / 8;
  const rows = Math.min(segment.height, height - y);
  // A copy, as a shared buffer cannot be compressed or stored.
  if (!segment.tiled) return plane.slice(y * width * item, (y + rows) * width * item);
  const tile = new Uint8Array(segment.width * segment.height * item);
  const length = Math.min(segment.width, width - x) * item;
  for (let row = 0; row < rows; row++) {
    const from = ((y + row) * width + x) * item;
    tile.set(plane.subarray(from, from + length), row * segment.width * item);
  }
  return tile;
}
