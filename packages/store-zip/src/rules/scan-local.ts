import type { ReadOptions } from "@ozx/core";
import { createThrottle, readAhead } from "@ozx/core/container";
import type { CentralDirectory } from "../directory/central-directory.js";
import { fileOrder } from "../directory/file-order.js";
import type { ZipArchive } from "../read/archive.js";
import { DESCRIPTOR_SIGNATURE, FLAG_DATA_DESCRIPTOR, getUint64, viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIZE, LONGEST_LOCAL_HEADER } from "../records/local-header.js";
import {
  createHeaderComparer,
  type HeaderBlock,
  type HeaderComparer,
  LOCAL_DESCRIPTOR_WRONG,
  LOCAL_MISSING,
  LOCAL_OUTSIDE,
} from "./compare-headers.js";
import type { CentralScan } from "./scan-central.js";

/** What the local headers say, by index in the directory. */
export interface LocalScan {
  /** The `LOCAL_` bits. */
  readonly bits: Uint32Array;
  /** Where each entry ends in the file, including its data descriptor; NaN where that is unknown. */
  readonly ends: Float64Array;
  /** The indices of the entries in the order of the file. */
  readonly order: Uint32Array;
}

/** Bytes allowed for an extra field in the first read of a header. */
const EXTRA_ALLOWANCE = 40;
/** The most bytes between the first and the last header of one read. */
const BLOCK = 256 * 1024;
/** Headers closer than this are read together: a blocking read of this size takes as long as a few of a header. */
const NEAR_BLOCKING = 16 * 1024;
/** The same where each read is a request, or a message to another process. */
const NEAR = 64 * 1024;
const READS_AT_ONCE = 16;
const LONGEST_RUN = BLOCK + LONGEST_LOCAL_HEADER;

interface LocalScanOptions extends ReadOptions {
  /** Called from time to time with the number of headers that were read. */
  readonly onEntries?: ((entries: number) => void) | undefined;
}

/** Reads every local header once, in the order of the file, and compares it with the directory. */
export async function scanLocal(
  archive: ZipArchive,
  central: CentralScan,
  options: LocalScanOptions = {},
): Promise<LocalScan> {
  const { source, directory } = archive;
  const scan: LocalScan = {
    bits: new Uint32Array(directory.count),
    ends: new Float64Array(directory.count).fill(Number.NaN),
    order: fileOrder(directory.headerOffsets),
  };
  const inspector = createInspector(archive, central, scan, options);
  if (source.readSync === undefined) {
    const runs = planRuns(archive, central, scan.order, NEAR);
    const read = async (run: Run) => ({ run, bytes: await source.read(run.offset, run.length, options) });
    for await (const { run, bytes } of readAhead(runs, READS_AT_ONCE, read)) {
      inspector.inspect(run, { bytes, view: viewOf(bytes), length: run.length });
      await inspector.finish();
      options.onEntries?.(run.to);
    }
    return scan;
  }
  const pause = createThrottle(options);
  const buffer = new Uint8Array(LONGEST_RUN);
  const view = viewOf(buffer);
  for (const run of planRuns(archive, central, scan.order, NEAR_BLOCKING)) {
    source.readSync(run.offset, buffer.subarray(0, run.length));
    inspector.inspect(run, { bytes: buffer, view, length: run.length });
    if (inspector.isUnfinished()) await inspector.finish();
    // Nothing is awaited for each header, which would cost as much as the comparison.
    const rest = pause();
    if (rest === undefined) continue;
    options.onEntries?.(run.to);
    await rest;
  }
  return scan;
}

interface Inspector {
  /** Compares the headers of a run, which starts at the start of the block. */
  inspect(run: Run, block: HeaderBlock): void;
  /** Whether there are entries of which more bytes are needed. */
  isUnfinished(): boolean;
  /** Reads and compares these. */
  finish(): Promise<void>;
}

function createInspector(
  archive: ZipArchive,
  central: CentralScan,
  { bits, ends, order }: LocalScan,
  options: ReadOptions,
): Inspector {
  const { directory, source } = archive;
  const limit = archive.end.directoryOffset;
  const compare = createHeaderComparer(directory, central);
  const longHeaders: number[] = [];
  const descriptors: number[] = [];

  /** Sets the results of an entry; true where its data descriptor must be compared. */
  const setResults = (index: number, comparison: ReturnType<HeaderComparer>): boolean => {
    bits[index] = comparison.bits;
    if ((comparison.bits & LOCAL_MISSING) !== 0) return false;
    const start = (directory.headerOffsets[index] as number) + comparison.length;
    const dataEnd = start + (directory.compressedSizes[index] as number);
    if (dataEnd > limit) bits[index] = comparison.bits | LOCAL_OUTSIDE;
    else ends[index] = dataEnd;
    return dataEnd <= limit && ((directory.flags[index] as number) & FLAG_DATA_DESCRIPTOR) !== 0;
  };
  const compareDescriptor = (index: number, bytes: Uint8Array): void => {
    const length = descriptorLength(bytes, directory, index);
    if (length === undefined) bits[index] = (bits[index] as number) | LOCAL_DESCRIPTOR_WRONG;
    ends[index] = length === undefined ? Number.NaN : (ends[index] as number) + length;
  };
  return {
    inspect(run, block) {
      for (let k = run.from; k < run.to; k++) {
        const index = order[k] as number;
        const at = (directory.headerOffsets[index] as number) - run.offset;
        const comparison = compare(index, block, at);
        if (comparison.length > 0 && at + comparison.length > run.length) longHeaders.push(index);
        else if (setResults(index, comparison)) {
          const from = (ends[index] as number) - run.offset;
          if (from + LONGEST_DESCRIPTOR > run.length) descriptors.push(index);
          else compareDescriptor(index, block.bytes.subarray(from, from + LONGEST_DESCRIPTOR));
        }
      }
    },
    isUnfinished: () => longHeaders.length > 0 || descriptors.length > 0,
    async finish() {
      for (const index of longHeaders) {
        const offset = directory.headerOffsets[index] as number;
        const length = Math.min(LONGEST_LOCAL_HEADER, limit - offset);
        const bytes = await source.read(offset, length, options);
        const comparison = compare(index, { bytes, view: viewOf(bytes), length }, 0);
        if (comparison.length > length) comparison.bits |= LOCAL_OUTSIDE;
        if (setResults(index, comparison)) descriptors.push(index);
      }
      longHeaders.length = 0;
      for (const index of descriptors) {
        const at = ends[index] as number;
        const length = Math.min(LONGEST_DESCRIPTOR, limit - at);
        compareDescriptor(index, await source.read(at, length, options));
      }
      descriptors.length = 0;
    },
  };
}

/** Entries `from..to` in the order of the file, whose headers are read together. */
interface Run {
  /** Where their bytes start in the file, and how many they are. */
  readonly offset: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

function* planRuns(
  { directory, end }: ZipArchive,
  { view, starts }: CentralScan,
  order: Uint32Array,
  near: number,
): Generator<Run> {
  const limit = end.directoryOffset;
  const offsetAt = (k: number): number =>
    Math.min(Math.max(0, directory.headerOffsets[order[k] as number] as number), limit);
  const lengthAt = (k: number): number =>
    LOCAL_HEADER_SIZE + view.getUint16((starts[order[k] as number] as number) + 28, true) + EXTRA_ALLOWANCE;
  for (let from = 0; from < order.length; ) {
    const offset = offsetAt(from);
    let last = Math.min(offset + lengthAt(from), limit);
    let to = from + 1;
    for (; to < order.length; to++) {
      const next = offsetAt(to);
      if (next - last > near || next - offset > BLOCK - LOCAL_HEADER_SIZE) break;
      last = Math.max(last, Math.min(next + lengthAt(to), limit));
    }
    yield { offset, length: last - offset, from, to };
    from = to;
  }
}

/** Bytes of the longest data descriptor: signature, CRC and two 8-byte sizes. */
const LONGEST_DESCRIPTOR = 24;

/**
 * The length of the data descriptor at the start of `bytes` (APPNOTE 4.3.9), with or without a signature, with sizes of
 * 4 or 8 bytes. Undefined when it contradicts the central directory.
 */
function descriptorLength(
  bytes: Uint8Array,
  { crcs, sizes, compressedSizes }: CentralDirectory,
  index: number,
): number | undefined {
  const view = viewOf(bytes);
  const agrees = (start: number, wide: boolean): boolean => {
    const length = start + (wide ? 20 : 12);
    if (length > bytes.length || view.getUint32(start, true) !== crcs[index]) return false;
    const sizeAt = (at: number): number => (wide ? getUint64(view, at) : view.getUint32(at, true));
    const [compressed, size] = [sizeAt(start + 4), sizeAt(start + (wide ? 12 : 8))];
    return compressed === compressedSizes[index] && size === sizes[index];
  };
  const signed = bytes.length >= 4 && view.getUint32(0, true) === DESCRIPTOR_SIGNATURE;
  for (const start of signed ? [4, 0] : [0]) {
    if (agrees(start, true)) return start + 20;
    if (agrees(start, false)) return start + 12;
  }
  return undefined;
}
