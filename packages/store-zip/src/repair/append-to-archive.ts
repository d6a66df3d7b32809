import { type ByteSource, type ReadOptions, UnsupportedError } from "@ozx/core";
import { compareKeys, concatBytes, type EntryWriter } from "@ozx/core/container";
import { findEntry } from "../directory/central-directory.js";
import { addOzxEntries, ROOT } from "../format/ozx-target.js";
import { writeCentralHeader, writtenCentralHeaderSize } from "../records/central-header.js";
import { END_RECORDS_SIZE } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { compareDocuments, isDocumentName } from "../rfc9/document-order.js";
import type { CheckContext } from "../rules/scan-archive.js";
import { growingArchive } from "../write/growing-archive.js";
import { createEntryColumns, type EntryColumns } from "../write/written-entries.js";
import {
  endWith,
  type LocatedDirectory,
  moveDirectory,
  type TailFile,
  truncateTo,
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

/** How much room is made at a time for data whose size is not known beforehand; on most disks a hole takes none. */
const RESERVED = 64 * 1024 * 1024;

/** How many copies of the directory there would be room for, at least. */
const COPIES_PER_RESERVE = 4;

export interface AppendOptions extends ReadOptions {
  /** Bytes that are made room for at a time. */
  readonly reserve?: number | undefined;
}

/**
 * Adds entries to an archive where it lies. An entry of a name that the archive has takes its place in the directory,
 * which is RFC-9's as a whole; the data of the one before stay in the file as bytes of no entry, and so does the old
 * directory, which nothing is written over.
 *
 * As with `fixTail` the file can be killed or lose its power at any moment, and then ends with a valid end record, of
 * the old directory or of the new one:
 *
 * ```
 *     data | old directory, old end |
 *  1  data | old directory, old end | zeros                            | copy of the directory, its end
 *  2  data | old directory, old end | new data, zeros                  | copy of the directory, its end
 *     …    1 and 2 again while there are more data: the copy moves away from them first
 *  3  data | old directory, old end | new data, new directory, new end | copy of the directory, its end
 *  4  data | old directory, old end | new data, new directory, new end   (cut: new from here)
 * ```
 *
 * Until step 4 `discard` cuts the file to what it was. What a run that was killed has left is taken away before anything
 * is added. `source` is not to be used after `commit`.
 *
 * @throws InvalidArchiveError, UnsupportedError when nothing can be added to the archive; nothing was written then
 */
export async function appendToArchive(
  source: ByteSource,
  file: TailFile,
  { reserve: room = RESERVED, ...options }: AppendOptions = {},
): Promise<EntryWriter> {
  const context = await contextForRepair(source, options);
  refusePrefix(context, "write it into a new file first");
  const kept = (await isUnfinished(context))
    ? await writeRepairedTail(context, file)
    : { directory: directoryOf(context), size: context.source.size + context.trailing };
  /** The directory that counts, and behind it the end of the file. */
  let last: LocatedDirectory & { readonly end: number } = { ...kept.directory, end: kept.size };
  let moved = false;
  const makeRoom = async (until: number, least: number): Promise<void> => {
    if (moved && until <= last.offset) return;
    // A directory is copied once for each piece of room, so that is to be much larger.
    const position = until + Math.max(least, COPIES_PER_RESERVE * last.bytes.length);
    moved = true;
    last = await moveDirectory(file, last, Math.max(position, last.end));
  };
  const columns = createEntryColumns();
  const grown = growingArchive(
    {
      name: source.name,
      forwardOnly: false,
      async write(position, bytes) {
        await makeRoom(position + bytes.length, room);
        await file.write(position, bytes);
      },
      commit: async () => {},
      discard: async () => {},
    },
    { columns, position: kept.size },
  );
  return {
    name: source.name,
    add: addOzxEntries(grown, source.name, (version) => rejectOtherVersion(context, version)),
    async commit(committing) {
      const offset = await grown.flush(committing);
      const directory = { ...joinedDirectory(context, columns), offset };
      const comment = repairedComment(context);
      committing?.signal?.throwIfAborted();
      await makeRoom(offset + directory.bytes.length + END_RECORDS_SIZE + comment.length, 0);
      await endWith(file, directory, comment);
    },
    async discard() {
      await grown.stop();
      if (moved) await truncateTo(file, kept.size);
    },
  };
}

/** The directory of the old entries that are not replaced and of the new ones: documents first, breadth-first. */
function joinedDirectory(context: CheckContext, columns: EntryColumns): Omit<LocatedDirectory, "offset"> {
  const { directory } = context.archive;
  const names = columns.names();
  const replaced = new Set(names.map((name) => findEntry(directory, name)?.index));
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
  const last = names.filter((name) => !isDocumentName(name)).sort(compareKeys);
  const others = kept.filter((index) => !documents.has(index));
  return {
    bytes: concatBytes([
      ...first.map(({ bytes }) => bytes()),
      repairedDirectory(context, others),
      ...last.map(header),
    ]),
    entries: kept.length + names.length,
  };
}

/** The comment says which version the archive is, and all of it must be. */
function rejectOtherVersion({ source, hierarchy }: CheckContext, version: string): void {
  const attributes = hierarchy.nodes.get("/")?.attributes["ome"];
  const known = (attributes as { version?: unknown } | undefined)?.version;
  if (known === version) return;
  throw new UnsupportedError(
    `${source.name} is OME-Zarr ${String(known)}, and nothing of ${version} can be added to it`,
    { location: source.name, path: ROOT, feature: `OME-Zarr ${version}` },
  );
}
