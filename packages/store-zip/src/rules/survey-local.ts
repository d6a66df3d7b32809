import { createPacer, type ReadOptions, readAhead } from "@ozx/core";
import { fileOrder } from "../directory/file-order.js";
import type { ZipArchive } from "../read/archive.js";
import { viewOf } from "../records/fields.js";
import { FLAG_DATA_DESCRIPTOR } from "../records/flags.js";
import { LOCAL_HEADER_SIZE } from "../records/local-header.js";
import { DESCRIPTOR_ROOM, descriptorLength } from "./data-descriptor.js";
import {
  type Inspected,
  inspectLocal,
  LOCAL_DESCRIPTOR_WRONG,
  LOCAL_MISSING,
  LOCAL_OUTSIDE,
} from "./inspect-local.js";
import type { CentralFacts } from "./survey-central.js";

/** What the local headers say, entry by entry in the directory's order. */
export interface LocalFacts {
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

export interface LocalSurveyOptions extends ReadOptions {
  /** Called now and then with the number of headers that were looked at. */
  readonly onEntries?: ((entries: number) => void) | undefined;
}

/** Looks at every local header once, in the order in which they lie in the file. */
export async function surveyLocal(
  archive: ZipArchive,
  central: CentralFacts,
  options: LocalSurveyOptions = {},
): Promise<LocalFacts> {
  const { source, directory } = archive;
  const facts: LocalFacts = {
    bits: new Uint32Array(directory.count),
    ends: new Float64Array(directory.count).fill(Number.NaN),
    order: fileOrder(directory.headerOffsets),
  };
  const inspector = createInspector(archive, central, facts, options);
  if (source.readSync === undefined) {
    const runs = planRuns(archive, central, facts.order, NEAR);
    const read = async (run: Run) => ({ run, bytes: await source.read(run.offset, run.length, options) });
    for await (const { run, bytes } of readAhead(runs, READS_AT_ONCE, read)) {
      inspector.inspect(run, bytes, viewOf(bytes));
      await inspector.finish();
      options.onEntries?.(run.to);
    }
    return facts;
  }
  const pause = createPacer();
  const buffer = new Uint8Array(LONGEST_RUN);
  const view = viewOf(buffer);
  for (const run of planRuns(archive, central, facts.order, NEAR_BLOCKING)) {
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
  return facts;
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
  central: CentralFacts,
  { bits, ends, order }: LocalFacts,
  options: ReadOptions,
): Inspector {
  const { directory, source } = archive;
  const limit = archive.end.directoryOffset;
  const inspected: Inspected = { bits: 0, length: 0 };
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
        inspectLocal(archive, central, index, view, bytes, at, run.length, inspected);
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
        inspectLocal(archive, central, index, viewOf(bytes), bytes, 0, length, inspected);
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
  { view, starts }: CentralFacts,
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
