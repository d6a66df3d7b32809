import { type ReadOptions, UsageError } from "@ozx/core";
import { type ByteSink, concatBytes } from "@ozx/core/container";
import { formOf } from "../parse/ifd.js";
import { sizeOfType, TAG } from "../parse/tags.js";

/** The pages of a TIFF, which are all alike. */
export interface TiffForm {
  readonly pages: number;
  /** Of a page, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Of a pixel, which has one sample. */
  readonly bits: number;
  /** 1 for unsigned integers, 2 for signed ones, 3 for floats (tag SampleFormat). */
  readonly sampleFormat: 1 | 2 | 3;
  /** Tiles have this size also at the edges; strips have the page's width, and the last one is shorter. */
  readonly segment: { readonly tiled: boolean; readonly width: number; readonly height: number };
  readonly deflated: boolean;
  /** ASCII, of the first page. */
  readonly description: string;
}

/** Writes tiles or strips in any order, and then the pages that they belong to. */
export interface TiffWriter {
  /** How many bytes have been written. */
  readonly size: number;
  /** Writes a tile or strip as it is stored. */
  write(page: number, index: number, bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  /** Writes the pages, and then the header at position 0. */
  finish(options?: ReadOptions): Promise<void>;
}

/** Bytes before the first segment, also in a TIFF with a shorter header. */
export const HEADER_SPACE = 16;
/** Tiles or strips of a file, whose positions are in memory until its end. */
const MOST_SEGMENTS = 2 ** 24;
const [ASCII, SHORT, LONG, RATIONAL, LONG8] = [2, 3, 4, 5, 16] as const;

/** Tiles or strips of a page, from left to right and from top to bottom. */
export function segmentsOf({ width, height, segment }: TiffForm): { columns: number; rows: number } {
  return { columns: Math.ceil(width / segment.width), rows: Math.ceil(height / segment.height) };
}

/** Whether a file may become larger than the 4 GiB that TIFF 6.0 can address. Deflate may make noise larger. */
export function needsBigTiff(form: TiffForm): boolean {
  const { columns, rows } = segmentsOf(form);
  const { pages, bits, segment, description } = form;
  const stored = ((segment.width * segment.height * bits) / 8) * (form.deflated ? 1.001 : 1) + 32;
  return pages * (columns * rows * stored + 512) + description.length > 0xffff_ffff;
}

/**
 * Starts a TIFF (TIFF 6.0, or BigTIFF), little-endian. Its directories follow the pixels, so that the size of what is
 * compressed need not be known before.
 *
 * @throws UsageError for more tiles or strips than fit into memory
 */
export function createTiffWriter(sink: ByteSink, form: TiffForm, big = needsBigTiff(form)): TiffWriter {
  const { columns, rows } = segmentsOf(form);
  const perPage = columns * rows;
  if (!(form.pages * perPage <= MOST_SEGMENTS)) {
    throw new UsageError(
      `${sink.name} would have more than ${MOST_SEGMENTS} tiles or strips: choose a smaller part`,
    );
  }
  const offsets = new Float64Array(form.pages * perPage);
  const counts = new Float64Array(form.pages * perPage);
  let size = HEADER_SPACE;
  const append = async (bytes: Uint8Array, options?: ReadOptions): Promise<void> => {
    const at = size;
    size += bytes.length;
    await sink.write(at, bytes, options);
  };
  return {
    get size() {
      return size;
    },
    async write(page, index, bytes, options) {
      offsets[page * perPage + index] = size;
      counts[page * perPage + index] = bytes.length;
      await append(bytes, options);
    },
    async finish(options) {
      await append(new Uint8Array(-size & 15), options);
      const first = size;
      for (let page = 0; page < form.pages; page++) {
        const own = [page * perPage, (page + 1) * perPage] as const;
        const fields = pageFields(form, page, big, {
          offsets: offsets.subarray(...own),
          counts: counts.subarray(...own),
        });
        await append(directoryBytes(fields, { at: size, isLast: page === form.pages - 1, big }), options);
      }
      await sink.write(0, headerBytes(first, big), options);
    },
  };
}

/** A field of a directory: its tag, the type of its values, and these. */
type Field = readonly [tag: number, type: number, values: ArrayLike<number>];

interface PagePositions {
  readonly offsets: Float64Array;
  readonly counts: Float64Array;
}

/** The fields of a page in the order of their tags, as a baseline grayscale image has them (TIFF 6.0, section 4). */
function pageFields(form: TiffForm, page: number, big: boolean, { offsets, counts }: PagePositions): Field[] {
  const { width, height, segment } = form;
  const long = big ? LONG8 : LONG;
  const text = page === 0 ? new TextEncoder().encode(`${form.description}\0`) : undefined;
  const placed: Field[] = segment.tiled
    ? [
        [TAG.TileWidth, LONG, [segment.width]],
        [TAG.TileLength, LONG, [segment.height]],
        [TAG.TileOffsets, long, offsets],
        [TAG.TileByteCounts, long, counts],
      ]
    : [
        [TAG.StripOffsets, long, offsets],
        [TAG.RowsPerStrip, LONG, [segment.height]],
        [TAG.StripByteCounts, long, counts],
      ];
  const fields: Field[] = [
    [TAG.ImageWidth, LONG, [width]],
    [TAG.ImageLength, LONG, [height]],
    [TAG.BitsPerSample, SHORT, [form.bits]],
    // 8 is "Adobe deflate", a zlib stream.
    [TAG.Compression, SHORT, [form.deflated ? 8 : 1]],
    // Black is zero.
    [TAG.PhotometricInterpretation, SHORT, [1]],
    ...(text === undefined ? [] : [[TAG.ImageDescription, ASCII, text] as const]),
    [TAG.SamplesPerPixel, SHORT, [1]],
    // Required, though the sizes are in the description: 1 without a unit.
    [TAG.XResolution, RATIONAL, [1, 1]],
    [TAG.YResolution, RATIONAL, [1, 1]],
    [TAG.ResolutionUnit, SHORT, [1]],
    [TAG.SampleFormat, SHORT, [form.sampleFormat]],
    ...placed,
  ];
  return fields.sort(([a], [b]) => a - b);
}

interface DirectoryPlace {
  /** Its offset in the file. */
  readonly at: number;
  /** Whether no other directory follows right after it. */
  readonly isLast: boolean;
  readonly big: boolean;
}

/** A directory, and after it those of its values that do not fit into it; a multiple of 16 bytes. */
function directoryBytes(fields: readonly Field[], { at, isLast, big }: DirectoryPlace): Uint8Array {
  const form = formOf({ big });
  const table = new DataView(new ArrayBuffer(form.count + fields.length * form.entry + form.value));
  const parts: Uint8Array[] = [new Uint8Array(table.buffer)];
  let size = table.byteLength;
  const put = (bytes: Uint8Array): void => {
    parts.push(bytes);
    size += bytes.length;
  };
  const number = (position: number, value: number): void =>
    big ? table.setBigUint64(position, BigInt(value), true) : table.setUint32(position, value, true);
  if (big) number(0, fields.length);
  else table.setUint16(0, fields.length, true);
  for (const [index, [tag, type, values]] of fields.entries()) {
    const entry = form.count + index * form.entry;
    const bytes = valueBytes(type, values);
    table.setUint16(entry, tag, true);
    table.setUint16(entry + 2, type, true);
    number(entry + 4, bytes.length / (sizeOfType(type) ?? 1));
    const valueAt = entry + form.entry - form.value;
    if (bytes.length <= form.value) {
      parts[0]?.set(bytes, valueAt);
      continue;
    }
    put(new Uint8Array(-size & 7));
    number(valueAt, at + size);
    put(bytes);
  }
  put(new Uint8Array(-size & 15));
  number(table.byteLength - form.value, isLast ? 0 : at + size);
  return concatBytes(parts);
}

function valueBytes(type: number, values: ArrayLike<number>): Uint8Array {
  if (type === ASCII) return Uint8Array.from(values);
  // A rational is two numbers.
  const width = type === RATIONAL ? 4 : (sizeOfType(type) ?? 1);
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (width === 2) view.setUint16(index * 2, value, true);
    else if (width === 4) view.setUint32(index * 4, value, true);
    else view.setBigUint64(index * 8, BigInt(value), true);
  }
  return new Uint8Array(view.buffer);
}

function headerBytes(firstIfd: number, big: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_SPACE));
  view.setUint16(0, 0x4949, true);
  view.setUint16(2, big ? 43 : 42, true);
  if (big) {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(firstIfd), true);
  } else view.setUint32(4, firstIfd, true);
  return new Uint8Array(view.buffer);
}
