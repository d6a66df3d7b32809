import { getUint64, type TiffHeader } from "./header.js";
import { endOfEntries, formOf, highAt, readOffset } from "./ifd.js";
import { TAG } from "./tags.js";

/**
 * What tells pages apart without reading more than their IFDs. Pages of a file with the same values are of one kind:
 * they have the same size, type and encoding.
 */
export const KIND_TAGS: readonly number[] = [
  TAG.NewSubfileType,
  TAG.SubfileType,
  TAG.ImageWidth,
  TAG.ImageLength,
  TAG.BitsPerSample,
  TAG.Compression,
  TAG.PhotometricInterpretation,
  TAG.FillOrder,
  TAG.SamplesPerPixel,
  TAG.RowsPerStrip,
  TAG.PlanarConfiguration,
  TAG.Predictor,
  TAG.TileWidth,
  TAG.TileLength,
  TAG.SampleFormat,
];

/** The number of values that identify a kind: of each tag the count and the first value, then the number of SubIFDs. */
export const KIND_LENGTH: number = KIND_TAGS.length * 2 + 1;

/** Reads IFDs of one file, one after the other, without an object for each. */
export interface PageScanner {
  /** Identifies the kind of the page that was read last, in `KIND_LENGTH` numbers. */
  readonly kind: Float64Array;
  /** Its only strip or tile; 0 where it has several. */
  readonly segmentOffset: number;
  readonly segmentBytes: number;
  /** The offset of the next IFD; 0 after the last. */
  readonly next: number;
  /** Values that the kind lacks, as they lie elsewhere in the file: the bits or formats of several samples. */
  readonly missing: readonly MissingValue[];
  /** @param from where the IFD starts in the view, whose bytes are `length` */
  scan(view: DataView, from: number, length: number): void;
}

/** Where a value of a kind lies: a number of 16 bits. */
export interface MissingValue {
  /** Its place in the kind. */
  readonly slot: number;
  readonly at: number;
}

/** Tags with a value for each sample, which is the same for all of them. Pages of RGB differ in nothing else. */
const OF_SAMPLES: readonly number[] = [TAG.BitsPerSample, TAG.SampleFormat];

const SLOTS: ReadonlyMap<number, number> = new Map(KIND_TAGS.map((tag, k) => [tag, 2 * k]));
/** The slot of a tag by its number, or -1: looking it up for a million pages must cost nothing. */
const SLOT_OF = new Int8Array(340).map((_, tag) => SLOTS.get(tag) ?? -1);

export function createPageScanner(header: TiffHeader): PageScanner {
  const { littleEndian, big, highHalves } = header;
  const form = formOf(header);
  const kind = new Float64Array(KIND_LENGTH);
  const missing: MissingValue[] = [];
  const scanned = { kind, missing, segmentOffset: 0, segmentBytes: 0, next: 0 };
  const value = (view: DataView, at: number, type: number): number => {
    if (type === 3) return view.getUint16(at, littleEndian);
    if (type === 16 || type === 18) return getUint64(view, at, littleEndian);
    return type === 1 ? view.getUint8(at) : view.getUint32(at, littleEndian);
  };
  return Object.assign(scanned, {
    scan(view: DataView, from: number, length: number): void {
      const start = from + form.count;
      const { end, next } = endOfEntries(view, from, length, header);
      scanned.next = next;
      kind.fill(0);
      if (missing.length > 0) missing.length = 0;
      scanned.segmentOffset = 0;
      scanned.segmentBytes = 0;
      for (let at = start; at < end; at += form.entry) {
        const tag = view.getUint16(at, littleEndian);
        const type = view.getUint16(at + 2, littleEndian);
        const count = big ? getUint64(view, at + 4, littleEndian) : view.getUint32(at + 4, littleEndian);
        const valueAt = at + form.entry - form.value;
        const high = highHalves
          ? view.getUint32(highAt(end, (at - start) / form.entry), littleEndian) * 0x1_0000_0000
          : 0;
        if (tag === TAG.StripOffsets || tag === TAG.TileOffsets) {
          if (count === 1) scanned.segmentOffset = value(view, valueAt, type) + high;
        } else if (tag === TAG.StripByteCounts || tag === TAG.TileByteCounts) {
          if (count === 1) scanned.segmentBytes = value(view, valueAt, type);
        } else if (tag === TAG.SubIFDs) {
          kind[KIND_LENGTH - 1] = count;
        } else {
          const slot = tag < SLOT_OF.length ? (SLOT_OF[tag] as number) : -1;
          if (slot < 0) continue;
          kind[slot] = count;
          // Values elsewhere in the file have another offset in every page.
          const fits = count * (type === 3 ? 2 : type === 1 ? 1 : big ? 8 : 4) <= form.value;
          kind[slot + 1] = fits ? value(view, valueAt, type) : -1;
          if (!fits && type === 3 && OF_SAMPLES.includes(tag))
            missing.push({ slot: slot + 1, at: readOffset(view, valueAt, header) + high });
        }
      }
    },
  });
}
