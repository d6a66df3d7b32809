import type { ReadOptions } from "@ozx/core";
import { createThrottle, readAhead } from "@ozx/core/container";
import type { CentralDirectory } from "../directory/central-directory.js";
import { fileOrder } from "../directory/file-order.js";
import type { ZipArchive } from "../read/archive.js";
import { FLAG_DATA_DESCRIPTOR, getUint64, viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIZE } from "../records/local-header.js";
import {
  compareLocalHeader,
  LOCAL_DESCRIPTOR_WRONG,
  LOCAL_MISSING,
  LOCAL_OUTSIDE,
  type LocalHeaderScan,
} from "./compare-headers.js";
import type { CentralScan } from "./scan-central.js";

/** What the local headers say, entry by entry in the directory's order. */
export interface LocalScan {
  /** The `LOCAL_` bits. */
  readonly bits: Uint32Array;
  /** Where each entry ends in the file, its data descriptor included; NaN where nobody can say. */
  readonly ends: Float64Array;
  /** Indices of the entries in the order in which they lie in the file. */
  readonly order: Uint32Array;
}

/** Room for an extra field in the first read of a header. */
const EXTRA_ROOM = 40;
/** How much is read at once where headers lie close together. */
const BLOCK = 256 * 1024;
/** Headers closer than this are read in one block: where reads block, a block costs as much as some ten of them. */
const NEAR_BLOCKING = 16 * 1024;
/** Where each read is a request or a message to another process. */
const NEAR = 64 * 1024;
const READS_AT_ONCE = 16;
const LONGEST_HEADER = LOCAL_HEADER_SIZE + 2 * 0xffff;
const LONGEST_RUN = BLOCK + LONGEST_HEADER;

export interface LocalScanOptions extends ReadOptions {
  /** Called now and then with the number of headers that were looked at. */
  readonly onEntries?: ((entries: number) => void) | undefined;
}

/** Looks at every local header once, in the order in which they lie in the file. */
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
      inspector.inspect(run, bytes, viewOf(bytes));
      await inspector.finish();
      options.onEntries?.(run.to);
    }
    return scan;
  }
  const pause = createThrottle();
  const buffer = new Uint8Array(LONGEST_RUN);
  const view = viewOf(buffer);
  for (const run of planRuns(archive, central, scan.order, NEAR_BLOCKING)) {
    source.readSync(run.offset, buffer.subarray(0, run.length));
    inspector.inspect(run, buffer, view);
    if (inspector.isUnfinished()) await inspector.finish();
    // Nothing is awaited for a single header: that would cost as much as looking at it.
    const rest = pause();
    if (rest === undefined) continue;
    options.onEntries?.(run.to);
    await rest;
    options.signal?.throwIfAborted();
  }
  return scan;
}

interface Inspector {
  /** Looks at the headers of a run, whose bytes stand at the start of `bytes`. */
  inspect(run: Run, bytes: Uint8Array, view: DataView): void;
  /** Whether there are entries of which more must be read. */
  isUnfinished(): boolean;
  /** Reads what is missing. */
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
  const inspected: LocalHeaderScan = { bits: 0, length: 0 };
  const longHeaders: number[] = [];
  const descriptors: number[] = [];

  /** Notes what was inspected; true where a data descriptor must be looked at. */
  const note = (index: number): boolean => {
    bits[index] = inspected.bits;
    if ((inspected.bits & LOCAL_MISSING) !== 0) return false;
    const start = (directory.headerOffsets[index] as number) + inspected.length;
    const dataEnd = start + (directory.compressedSizes[index] as number);
    if (dataEnd > limit) bits[index] = inspected.bits | LOCAL_OUTSIDE;
    else ends[index] = dataEnd;
    return dataEnd <= limit && ((directory.flags[index] as number) & FLAG_DATA_DESCRIPTOR) !== 0;
  };
  const noteDescriptor = (index: number, bytes: Uint8Array): void => {
    const length = descriptorLength(bytes, directory, index);
    if (length === undefined) bits[index] = (bits[index] as number) | LOCAL_DESCRIPTOR_WRONG;
    ends[index] = length === undefined ? Number.NaN : (ends[index] as number) + length;
  };
  return {
    inspect(run, bytes, view) {
      for (let k = run.from; k < run.to; k++) {
        const index = order[k] as number;
        const at = (directory.headerOffsets[index] as number) - run.offset;
        compareLocalHeader(archive, central, index, view, bytes, at, run.length, inspected);
        if (inspected.length > 0 && at + inspected.length > run.length) longHeaders.push(index);
        else if (note(index)) {
          const from = (ends[index] as number) - run.offset;
          if (from + DESCRIPTOR_ROOM > run.length) descriptors.push(index);
          else noteDescriptor(index, bytes.subarray(from, from + DESCRIPTOR_ROOM));
        }
      }
    },
    isUnfinished: () => longHeaders.length > 0 || descriptors.length > 0,
    async finish() {
      for (const index of longHeaders) {
        const offset = directory.headerOffsets[index] as number;
        const length = Math.min(LONGEST_HEADER, limit - offset);
        const bytes = await source.read(offset, length, options);
        compareLocalHeader(archive, central, index, viewOf(bytes), bytes, 0, length, inspected);
        if (inspected.length > length) inspected.bits |= LOCAL_OUTSIDE;
        if (note(index)) descriptors.push(index);
      }
      longHeaders.length = 0;
      for (const index of descriptors) {
        const at = ends[index] as number;
        noteDescriptor(index, await source.read(at, Math.min(DESCRIPTOR_ROOM, limit - at), options));
      }
      descriptors.length = 0;
    },
  };
}

/** Neighbours in file order whose headers are read at once. */
interface Run {
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
  const roomAt = (k: number): number =>
    LOCAL_HEADER_SIZE + view.getUint16((starts[order[k] as number] as number) + 28, true) + EXTRA_ROOM;
  for (let from = 0; from < order.length; ) {
    const offset = offsetAt(from);
    let last = Math.min(offset + roomAt(from), limit);
    let to = from + 1;
    for (; to < order.length; to++) {
      const next = offsetAt(to);
      if (next - last > near || next - offset > BLOCK - LOCAL_HEADER_SIZE) break;
      last = Math.max(last, Math.min(next + roomAt(to), limit));
    }
    yield { offset, length: last - offset, from, to };
    from = to;
  }
}

/** The longest descriptor: signature, CRC and two 8-byte sizes. */
export const DESCRIPTOR_ROOM = 24;
const SIGNATURE = 0x08074b50;

/**
 * How long the data descriptor at the start of `bytes` is (APPNOTE 4.3.9), with the signature or without, with
 * sizes of 4 bytes or 8; undefined when it says something else than the central directory does.
 */
export function descriptorLength(
  bytes: Uint8Array,
  { crcs, sizes, compressedSizes }: CentralDirectory,
  index: number,
): number | undefined {
  const view = viewOf(bytes);
  const holds = (start: number, wide: boolean): boolean => {
    const length = start + (wide ? 20 : 12);
    if (length > bytes.length || view.getUint32(start, true) !== crcs[index]) return false;
    const sizeAt = (at: number): number => (wide ? getUint64(view, at) : view.getUint32(at, true));
    const [compressed, size] = [sizeAt(start + 4), sizeAt(start + (wide ? 12 : 8))];
    return compressed === compressedSizes[index] && size === sizes[index];
  };
  const signed = bytes.length >= 4 && view.getUint32(0, true) === SIGNATURE;
  for (const start of signed ? [4, 0] : [0]) {
    if (holds(start, true)) return start + 20;
    if (holds(start, false)) return start + 12;
  }
  return undefined;
}
