import { type ByteSource, type ReadOptions, UnsupportedError } from "@ozx/core";
import {
  compareKeys,
  concatBytes,
  forEachInSlices,
  type InPlaceWriter,
  sortInSlices,
} from "@ozx/core/container";
import { findEntry } from "../directory/central-directory.js";
import { addOzxEntries, ROOT } from "../format/ozx-target.js";
import { writeCentralHeader, writtenCentralHeaderSize } from "../records/central-header.js";
import { END_RECORDS_SIZE } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { compareDocuments, isDocumentName } from "../rfc9/document-order.js";
import { rootOmeVersion } from "../rules/hierarchy-rules.js";
import type { CheckContext } from "../rules/scan-archive.js";
import { growingArchive } from "../write/growing-archive.js";
import { createEntryColumns, type EntryColumns } from "../write/written-entries.js";
import {
  endWith,
  type LocatedDirectory,
  moveDirectory,
  restoreTail,
  type TailFile,
} from "./move-directory.js";
import { contextForRepair } from "./plan-repair.js";
import {
  directoryOf,
  isUnfinished,
  refusePrefix,
  repairedComment,
  repairedDirectory,
  repairedOrder,
  writeRepairedTail,
} from "./repair-tail.js";

/** Bytes of data that fit before the directory is moved again. On most file systems the hole takes no space. */
const RESERVE = 64 * 1024 * 1024;

/** The space that is reserved, as a multiple of the directory's size at least. */
const COPIES_PER_RESERVE = 4;

/** Bytes of a record's signature. */
const SIGNATURE_SIZE = 4;

/** The options of {@link appendToArchive}. */
export interface AppendOptions extends ReadOptions {
  /** Bytes of data that fit before the directory is moved again; 64 MiB by default. */
  readonly reserve?: number | undefined;
}

/**
 * Adds entries to an archive in place. A new entry replaces one of the same name in the directory, which is in RFC-9's
 * order; the data of entries that are replaced or removed remains in the file as unused bytes. The new data takes the place of the old directory, so
 * that programs that read the archive as a stream find all entries.
 *
 * As with `repairTail`, the file is a valid archive if the process is killed at any moment, with the old or with the new
 * directory:
 *
 * ```
 *     data | old directory, old end |
 *  1  data | old directory, old end   …   zeros | copy of the directory, its end
 *  2  data | new data                 …   zeros | copy of the directory, its end
 *     …    1 and 2 again for more data: the copy is moved first
 *  3  data | new data, new directory, new end   | copy of the directory, its end
 *  4  data | new data, new directory, new end     (truncated: new from here)
 * ```
 *
 * Until step 4 `discard` puts the old end back and truncates the file to its old size. What an interrupted call has left
 * is removed first; for that, the first bytes of the old directory stay until step 3. Do not use `source` after `commit`.
 *
 * @param source the bytes of `file`
 * @returns a writer whose `add` rejects keys that an `.ozx` must not have, and a root of another OME-Zarr version
 * @throws InvalidArchiveError, UnsupportedError when nothing can be added to the archive; nothing was written then
 * @throws SourceChangedError when the file was changed after `source` was opened; nothing was written then
 */
export async function appendToArchive(
  source: ByteSource,
  file: TailFile,
  { reserve = RESERVE, ...options }: AppendOptions = {},
): Promise<InPlaceWriter> {
  const context = await contextForRepair(source, options);
  refusePrefix(context, "write it into a new file first");
  source.checkUnchanged?.();
  const kept =
    context.trailing > 0 || (await isUnfinished(context))
      ? await writeRepairedTail(context, file)
      : { directory: directoryOf(context), size: source.size };
  /** The current directory, and the end of the file. */
  let current: LocatedDirectory & { readonly end: number } = { ...kept.directory, end: kept.size };
  let moved = false;
  const begin = kept.directory.offset;
  const oldTail = await oldTailOf(context, kept);
  /** The first bytes of the new data: until they are written, an old directory is seen at its place. */
  let first = new Uint8Array(0);
  const removed: string[] = [];
  const freeSpace = async (until: number, least: number): Promise<void> => {
    if (moved && until <= current.offset) return;
    // Each move copies the directory, so it should free much more space than that.
    const position = until + Math.max(least, COPIES_PER_RESERVE * current.bytes.length);
    moved = true;
    current = await moveDirectory(file, current, Math.max(position, current.end));
  };
  const columns = createEntryColumns();
  const grown = growingArchive(
    {
      name: source.name,
      forwardOnly: false,
      async write(position, bytes) {
        await freeSpace(position + bytes.length, reserve);
        const held = position === begin ? SIGNATURE_SIZE : 0;
        if (held > 0) first = bytes.slice(0, held);
        await file.write(position + held, bytes.subarray(held));
      },
      commit: async () => {},
      discard: async () => {},
    },
    { columns, position: begin },
  );
  return {
    name: source.name,
    add: addOzxEntries(grown, source.name, (version) => rejectOtherVersion(context, version)),
    remove: (key) => void removed.push(key.slice(1)),
    async commit(committing) {
      const offset = await grown.flush(committing);
      const directory = { ...(await joinedDirectory(context, { columns, removed }, committing)), offset };
      const comment = repairedComment(context);
      committing?.signal?.throwIfAborted();
      await freeSpace(offset + directory.bytes.length + END_RECORDS_SIZE + comment.length, 0);
      if (first.length > 0) await file.write(begin, first);
      await endWith(file, directory, comment);
    },
    async discard() {
      await grown.stop();
      if (moved) await restoreTail(file, begin, oldTail);
    },
  };
}

/** The directory and the end records before anything is added, as they are in the file. */
async function oldTailOf(
  context: CheckContext,
  { directory, size, end }: { directory: LocatedDirectory; size: number; end?: Uint8Array },
): Promise<Uint8Array> {
  if (end !== undefined) return concatBytes([directory.bytes, end]);
  return context.source.read(directory.offset, size - directory.offset, context.options);
}

/** The directory of the old entries that are neither replaced nor removed, and of the new ones. */
async function joinedDirectory(
  context: CheckContext,
  { columns, removed }: { readonly columns: EntryColumns; readonly removed: readonly string[] },
  options?: ReadOptions,
): Promise<Omit<LocatedDirectory, "offset">> {
  const { directory } = context.archive;
  const names = columns.names();
  const replaced = new Set<number>();
  const replace = (name: string): void => {
    const index = findEntry(directory, name)?.index;
    if (index !== undefined) replaced.add(index);
  };
  // There may be a million of them.
  await forEachInSlices(names, replace, options);
  await forEachInSlices(removed, replace, options);
  const kept = repairedOrder(context).filter((index) => !replaced.has(index));
  const documents = new Map(context.documents.inDirectory.map(({ index, name }) => [index, name]));
  const header = (name: string): Uint8Array => {
    const entry = columns.entry(name);
    const bytes = new Uint8Array(writtenCentralHeaderSize(entry.name.length));
    writeCentralHeader(viewOf(bytes), 0, entry);
    return bytes;
  };
  const first = [
    ...kept.flatMap((index) => {
      const name = documents.get(index);
      return name === undefined ? [] : [{ name, bytes: () => repairedDirectory(context, [index]) }];
    }),
    ...names.filter((name) => isDocumentName(name)).map((name) => ({ name, bytes: () => header(name) })),
  ].sort((a, b) => compareDocuments(a.name, b.name));
  const chunks = names.filter((name) => !isDocumentName(name));
  const last: Uint8Array[] = [];
  const addHeader = (name: string): void => void last.push(header(name));
  await forEachInSlices(await sortInSlices(chunks, compareKeys, options), addHeader, options);
  const others = kept.filter((index) => !documents.has(index));
  return {
    bytes: concatBytes([...first.map(({ bytes }) => bytes()), repairedDirectory(context, others), ...last]),
    entries: kept.length + names.length,
  };
}

/** RFC-9 requires one version throughout, which the comment repeats. */
function rejectOtherVersion({ source, hierarchy }: CheckContext, version: string): void {
  const known = rootOmeVersion(hierarchy);
  if (known === version) return;
  throw new UnsupportedError(
    `${source.name} is OME-Zarr ${known ?? "of an unknown version"}, so OME-Zarr ${version} cannot be added to it`,
    { location: source.name, path: ROOT, feature: `OME-Zarr ${version}` },
  );
}
