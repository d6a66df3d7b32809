import type { ReadOptions } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { TiffFault } from "../parse/fault.js";
import { type TiffHeader, viewOf } from "../parse/header.js";
import { formOf, ifdLengthAt } from "../parse/ifd.js";
import { createPageScanner, KIND_LENGTH } from "../parse/page-scan.js";
import { createStrideAhead } from "./stride-ahead.js";
import type { WindowReader } from "./windows.js";

/** The pages of a file in columns: a time series has a million of them. */
export interface PageTable {
  readonly count: number;
  /** Where each page's IFD starts. */
  readonly offsets: Float64Array;
  /** The number of each page's kind. Pages of one kind agree in size, type and encoding. */
  readonly kinds: Uint16Array;
  /** The first page of each kind. */
  readonly firstOfKind: readonly number[];
  /** Where the only strip or tile of each page starts; 0 where it has several. */
  readonly segmentOffsets: Float64Array;
  /** The bytes of that strip or tile. */
  readonly segmentBytes: Float64Array;
  /** Why the chain of pages ends early; undefined where it ends as it should. */
  readonly fault: string | undefined;
}

/** More than any series has: 24 bytes of memory each. */
const MOST_PAGES = 16 * 1024 * 1024;
const MOST_KINDS = 65_535;

/**
 * Reads the chain of IFDs. It may be damaged after its first page: a loop ends it, and so does an offset beyond the file,
 * as programs leave it that were stopped while writing.
 *
 * @throws TiffFault when there is no readable page, more pages than fit into memory, or more kinds than any file has
 */
export async function readPageTable(
  windows: WindowReader,
  header: TiffHeader,
  options?: ReadOptions,
): Promise<PageTable> {
  const { count: countSize } = formOf(header);
  const scanner = createPageScanner(header);
  const pause = createThrottle(options);
  const columns = createColumns();
  const kinds = createKinds();
  const loop = createLoopDetector();
  const ahead = createStrideAhead(windows);
  let fault: string | undefined;
  let length = 0;
  /** What is in memory around the IFD before: most of those that follow are in it too. */
  let window: Uint8Array = new Uint8Array(0);
  let view = viewOf(window);
  let base = 0;
  const moveTo = (offset: number, bytes: Uint8Array): void => {
    window = bytes;
    view = viewOf(bytes);
    base = offset;
  };
  for (let offset = header.firstIfd; offset !== 0; offset = scanner.next) {
    if (columns.count === MOST_PAGES) throw new TiffFault(`has more than ${MOST_PAGES} pages`);
    if (loop.isBack(offset)) {
      fault = `has a page ${columns.count}, at ${offset}, that is one of its earlier pages`;
      columns.count = firstRepetition(columns.offsets, loop.length, columns.count);
      break;
    }
    const reading = ahead.at(offset, length, options);
    if (reading !== undefined) await reading;
    if (offset < base || offset + countSize > base + window.length) {
      moveTo(offset, windows.peek(offset, countSize) ?? (await windows.load(offset, countSize, options)));
    }
    length = 0;
    if (offset + countSize <= base + window.length) {
      try {
        length = ifdLengthAt(view, offset - base, header);
      } catch (error) {
        if (columns.count === 0 || !(error instanceof TiffFault)) throw error;
      }
      if (offset + length > base + window.length) moveTo(offset, await windows.load(offset, length, options));
    }
    if (length === 0 || offset + length > base + window.length) {
      fault = `has no page at ${offset}, where its page ${columns.count} should be`;
      break;
    }
    scanner.scan(view, offset - base, length);
    for (const { slot, at } of scanner.missing) {
      const value = windows.peek(at, 2) ?? (await windows.load(at, 2, options));
      if (value.length >= 2) scanner.kind[slot] = viewOf(value).getUint16(0, header.littleEndian);
    }
    columns.push(offset, kinds.numberOf(scanner.kind, columns.count), scanner);
    if (columns.count % 1024 === 0) await pause();
  }
  if (columns.count === 0) throw new TiffFault(fault ?? "has no page");
  return { ...columns.finish(), firstOfKind: kinds.first, fault };
}

function createColumns() {
  let capacity = 1024;
  const columns = {
    count: 0,
    offsets: new Float64Array(capacity),
    kinds: new Uint16Array(capacity),
    segmentOffsets: new Float64Array(capacity),
    segmentBytes: new Float64Array(capacity),
    push(offset: number, kind: number, segment: { segmentOffset: number; segmentBytes: number }): void {
      if (columns.count === capacity) {
        capacity *= 2;
        columns.offsets = grown(columns.offsets, new Float64Array(capacity));
        columns.kinds = grown(columns.kinds, new Uint16Array(capacity));
        columns.segmentOffsets = grown(columns.segmentOffsets, new Float64Array(capacity));
        columns.segmentBytes = grown(columns.segmentBytes, new Float64Array(capacity));
      }
      const at = columns.count++;
      columns.offsets[at] = offset;
      columns.kinds[at] = kind;
      columns.segmentOffsets[at] = segment.segmentOffset;
      columns.segmentBytes[at] = segment.segmentBytes;
    },
    finish() {
      const { count, offsets, kinds, segmentOffsets, segmentBytes } = columns;
      return { count, offsets, kinds, segmentOffsets, segmentBytes };
    },
  };
  return columns;
}

function grown<Column extends Float64Array | Uint16Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}

function areEqual(a: Float64Array, b: Float64Array): boolean {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** Numbers the kinds of pages in the order in which they come. */
function createKinds() {
  const first: number[] = [];
  const numbers = new Map<string, number>();
  const last = new Float64Array(KIND_LENGTH).fill(-1);
  let lastNumber = -1;
  return {
    first,
    numberOf(kind: Float64Array, page: number): number {
      // Nearly all pages are like the one before.
      if (lastNumber >= 0 && areEqual(last, kind)) return lastNumber;
      last.set(kind);
      const key = kind.join();
      lastNumber = numbers.get(key) ?? first.length;
      if (lastNumber === first.length) {
        if (first.length === MOST_KINDS) throw new TiffFault(`has more than ${MOST_KINDS} kinds of pages`);
        numbers.set(key, lastNumber);
        first.push(page);
      }
      return lastNumber;
    },
  };
}

/**
 * Finds loops without a list of what was seen (R. Brent 1980): each offset is compared with one that is moved on at
 * powers of two.
 */
function createLoopDetector() {
  let kept = 0;
  let power = 1;
  const detector = {
    /** The number of steps since the offset that is kept. */
    length: 0,
    isBack(offset: number): boolean {
      if (offset === kept) {
        detector.length++;
        return true;
      }
      detector.length++;
      if (detector.length === power) {
        kept = offset;
        power *= 2;
        detector.length = 0;
      }
      return false;
    },
  };
  return detector;
}

/** The number of pages before the first that comes again, when pages repeat after `length`. */
function firstRepetition(offsets: Float64Array, length: number, count: number): number {
  for (let at = 0; at + length < count; at++) if (offsets[at] === offsets[at + length]) return at + length;
  return count;
}
