import type { ReadOptions } from "@ozx/core";
import { entryOf } from "../parse/ifd.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { TiffFile } from "../read/tiff-file.js";

/** What ImageJ writes into the tags 50838 and 50839. */
export interface ImageJMetadata {
  /** Text of the user's. */
  readonly info: string | undefined;
  /** One for each plane. */
  readonly labels: readonly string[];
  /** The values that are shown as black and in full colour, by channel. */
  readonly ranges: readonly (readonly [number, number])[];
  /** The colours of look-up tables that go from black to one colour, by channel; undefined for other tables. */
  readonly colors: readonly (string | undefined)[];
}

const NOTHING: ImageJMetadata = { info: undefined, labels: [], ranges: [], colors: [] };
/** `IJIJ`, in the byte order of the file. */
const MAGIC = 0x494a494a;
const TYPES = { info: 0x696e666f, labels: 0x6c61626c, ranges: 0x72616e67, luts: 0x6c757473 };
/** The header has a row for each of a dozen types (`ij/io/TiffDecoder.java` reads no more). */
const LONGEST_HEADER = 804;

/**
 * Reads ImageJ's metadata: 50838 lists the size of a header and of each item, 50839 has them. What is damaged is left out:
 * it is not needed for the pixels.
 */
export async function readImageJMetadata(
  file: TiffFile,
  { ifd }: Page,
  options?: ReadOptions,
): Promise<ImageJMetadata> {
  const sizes = await file.numbers(ifd, TAG.ImageJByteCounts, options);
  const entry = entryOf(ifd, TAG.ImageJMetadata);
  const [headerSize = 0] = sizes ?? [];
  if (sizes === undefined || entry === undefined || entry.count === 0) return NOTHING;
  const { littleEndian } = file.header;
  const bytes = await file.bytes(entry, options);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const hasHeader = headerSize >= 12 && headerSize <= LONGEST_HEADER && headerSize <= bytes.length;
  if (!hasHeader || view.getUint32(0, littleEndian) !== MAGIC) return NOTHING;
  const found = { info: [], labels: [], ranges: [], luts: [] } as Record<keyof typeof TYPES, Uint8Array[]>;
  let item = 1;
  let at = headerSize;
  for (let row = 4; row + 8 <= headerSize; row += 8) {
    const type = view.getUint32(row, littleEndian);
    const count = view.getUint32(row + 4, littleEndian);
    const list = Object.entries(TYPES).find(([, code]) => code === type)?.[0];
    for (let k = 0; k < count && item < sizes.length; k++) {
      const size = sizes[item++] as number;
      if (at + size > bytes.length) return decodeItems(found, littleEndian);
      if (list !== undefined) found[list as keyof typeof TYPES].push(bytes.subarray(at, at + size));
      at += size;
    }
  }
  return decodeItems(found, littleEndian);
}

function decodeItems(
  { info, labels, ranges, luts }: Readonly<Record<keyof typeof TYPES, readonly Uint8Array[]>>,
  littleEndian: boolean,
): ImageJMetadata {
  const text = (bytes: Uint8Array): string =>
    new TextDecoder(littleEndian ? "utf-16le" : "utf-16be").decode(bytes);
  return {
    info: info[0] && text(info[0]),
    labels: labels.map(text),
    ranges: ranges.flatMap((bytes) => pairsOf(bytes, littleEndian)),
    colors: luts.map(colorOf),
  };
}

function pairsOf(bytes: Uint8Array, littleEndian: boolean): [number, number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / 16) }, (_, k): [number, number] => [
    view.getFloat64(16 * k, littleEndian),
    view.getFloat64(16 * k + 8, littleEndian),
  ]);
}

/** The last colour of a look-up table of 256 reds, greens and blues, if the table goes there from black in a line. */
function colorOf(lut: Uint8Array): string | undefined {
  const last = [255, 511, 767].map((at) => lut[at] ?? 0);
  if (lut.length !== 768 || last.every((part) => part === 0)) return undefined;
  const isRamp = last.every((end, part) =>
    [0, 64, 128, 192].every((at) => Math.abs((lut[256 * part + at] as number) - (end * at) / 255) <= 2),
  );
  return isRamp ? last.map((part) => part.toString(16).padStart(2, "0").toUpperCase()).join("") : undefined;
}
