import { type ByteSource, createPacer, type ReadOptions, readAhead } from "@ozx/core";

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
const NEAR_BLOCKING = 8 * 1024;
/** Where each read is a request or a message to another process. */
const NEAR = 64 * 1024;
const READS_AT_ONCE = 16;

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
  const order = fileOrder(directory.headerOffsets);
  const bits = new Uint32Array(directory.count);
  const ends = new Float64Array(directory.count).fill(Number.NaN);
  const inspected: Inspected = { bits: 0, length: 0 };
  const pause = createPacer();
  for await (const { run, bytes } of runsOfHeaders(archive, central, order, options)) {
    const view = viewOf(bytes);
    for (let k = run.from; k < run.to; k++) {
      const index = order[k] as number;
      const offset = directory.headerOffsets[index] as number;
      inspectLocal(archive, central, index, view, bytes, offset - run.offset, inspected);
      if (inspected.length > 0 && offset - run.offset + inspected.length > bytes.length) {
        await inspectLong(archive, central, index, inspected, options);
      }
      bits[index] = inspected.bits;
      if ((inspected.bits & LOCAL_MISSING) === 0) {
        const dataEnd = offset + inspected.length + (directory.compressedSizes[index] as number);
        if (dataEnd > archive.end.directoryOffset) bits[index] = inspected.bits | LOCAL_OUTSIDE;
        else if (((directory.flags[index] as number) & FLAG_DATA_DESCRIPTOR) === 0) ends[index] = dataEnd;
        else {
          const at = dataEnd - run.offset;
          const descriptor =
            at + DESCRIPTOR_ROOM <= bytes.length
              ? bytes.subarray(at, at + DESCRIPTOR_ROOM)
              : await readDescriptor(source, dataEnd, archive.end.directoryOffset, options);
          const length = descriptorLength(descriptor, directory, index);
          if (length === undefined) bits[index] = inspected.bits | LOCAL_DESCRIPTOR_WRONG;
          else ends[index] = dataEnd + length;
        }
      }
    }
    options.onEntries?.(run.to);
    await pause();
    options.signal?.throwIfAborted();
  }
  return { bits, ends, order };
}

/** Entries by where their headers lie, the earlier header of the directory first where they lie at one place. */
export function fileOrder(offsets: Float64Array): Uint32Array {
  const order = Uint32Array.from(offsets.keys());
  let sorted = true;
  for (let i = 1; i < offsets.length && sorted; i++)
    sorted = (offsets[i - 1] as number) <= (offsets[i] as number);
  return sorted ? order : order.sort((a, b) => (offsets[a] as number) - (offsets[b] as number) || a - b);
}

/** Neighbours in file order whose headers are read at once. */
interface Run {
  readonly offset: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

async function* runsOfHeaders(
  archive: ZipArchive,
  central: CentralFacts,
  order: Uint32Array,
  options: ReadOptions,
): AsyncGenerator<{ run: Run; bytes: Uint8Array }> {
  const { source } = archive;
  if (source.readSync === undefined) {
    const read = async (run: Run) => ({ run, bytes: await source.read(run.offset, run.length, options) });
    yield* readAhead(planRuns(archive, central, order, NEAR), READS_AT_ONCE, read);
    return;
  }
  const buffer = new Uint8Array(BLOCK + 0x2_0000);
  for (const run of planRuns(archive, central, order, NEAR_BLOCKING)) {
    const bytes = buffer.subarray(0, run.length);
    source.readSync(run.offset, bytes);
    yield { run, bytes };
  }
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

async function inspectLong(
  archive: ZipArchive,
  central: CentralFacts,
  index: number,
  inspected: Inspected,
  options: ReadOptions,
): Promise<void> {
  const offset = archive.directory.headerOffsets[index] as number;
  if (offset + inspected.length > archive.end.directoryOffset) {
    inspected.bits |= LOCAL_OUTSIDE;
    return;
  }
  const bytes = await archive.source.read(offset, inspected.length, options);
  inspectLocal(archive, central, index, viewOf(bytes), bytes, 0, inspected);
}

async function readDescriptor(
  source: ByteSource,
  at: number,
  limit: number,
  options: ReadOptions,
): Promise<Uint8Array> {
  const length = Math.max(0, Math.min(DESCRIPTOR_ROOM, limit - at));
  if (source.readSync === undefined) return source.read(at, length, options);
  const bytes = new Uint8Array(length);
  source.readSync(at, bytes);
  return bytes;
}
