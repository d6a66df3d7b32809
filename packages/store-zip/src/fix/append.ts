import {
  type ByteSource,
  compareKeys,
  concatenate,
  type EntryWriter,
  type ReadOptions,
  UnsupportedError,
} from "@ozx/core";
import { findEntry } from "../directory/central-directory.js";
import { writeCentralHeader, writtenCentralHeaderSize } from "../records/central-header.js";
import { viewOf } from "../records/fields.js";
import { compareDocuments, isDocumentName } from "../rfc9/document-order.js";
import { addOzxEntries, ROOT } from "../rfc9/ozx-entries.js";
import type { ArchiveFacts } from "../rules/facts.js";
import { createEntryColumns, type EntryColumns } from "../write/entry-columns.js";
import { growingArchive } from "../write/growing-archive.js";
import { nameLengthAt, storedEntryAt } from "../write/layout.js";
import { type TailFile, withinSector, writePieces } from "./fix-tail.js";
import { mendedComment } from "./mended-comment.js";
import { END_RECORDS_SIZE, endRecords, mendedDirectory, mendedOrder } from "./mended-tail.js";
import { factsForFix } from "./plan-fix.js";

/** How much room is made at a time for data whose size is not known beforehand; on most disks a hole takes none. */
const ROOM = 64 * 1024 * 1024;

export interface AppendOptions extends ReadOptions {
  /** Bytes that are made room for at a time. */
  readonly room?: number | undefined;
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
 *  1  data | old directory, old end | zeros                          | end → old directory  (one sector, file grows)
 *  2  data | old directory, old end | new data, zeros                | end → old directory  (in the gap)
 *     …    1 and 2 again while there are more data: the end moves away from them first
 *  3  data | old directory, old end | new data, new directory, zeros | end → old directory  (in the gap)
 *  4  data | old directory, old end | new data, new directory, zeros | end → new directory  (one sector; new from here)
 *  5  data | old directory, old end | new data, new directory, new end                      (written, then cut)
 * ```
 *
 * Until step 4 `discard` cuts the file to what it was. `source` is not to be used after `commit`.
 *
 * @throws InvalidArchiveError, UnsupportedError when nothing can be added to the archive; nothing was written then
 */
export async function appendToArchive(
  source: ByteSource,
  file: TailFile,
  { room = ROOM, ...options }: AppendOptions = {},
): Promise<EntryWriter> {
  const facts = await factsForFix(source, options);
  const { archive } = facts;
  if (archive.end.shift !== 0) {
    throw new UnsupportedError(
      `${source.name} has ${archive.end.shift} bytes before its start: write it into a new file first`,
      { location: source.name, feature: "bytes before the archive" },
    );
  }
  const old = {
    entries: archive.directory.count,
    directorySize: archive.end.directorySize,
    directoryOffset: archive.end.directoryOffset,
  };
  /** Where the last end record is, and up to where the gap before it may be filled. */
  let end = 0;
  let limit = 0;
  const makeRoom = async (until: number, zeros: number): Promise<void> => {
    if (until <= limit && until + zeros <= end) return;
    // Readers look for a directory right before an end record first: there must be nothing but zeros.
    end = withinSector(until + zeros);
    limit = end - zeros;
    await file.write(end, endRecords(old, end));
    await file.sync();
  };
  const columns = createEntryColumns();
  const grown = growingArchive(
    {
      name: source.name,
      forwardOnly: false,
      async write(position, bytes) {
        const until = position + bytes.length;
        if (until > limit) await makeRoom(until + room, old.directorySize);
        await file.write(position, bytes);
      },
      commit: async () => {},
      discard: async () => {},
    },
    { columns, position: source.size },
  );
  return {
    name: source.name,
    add: addOzxEntries(grown, source.name, (version) => refuseOtherVersion(facts, version)),
    async commit(committing) {
      const start = await grown.flush(committing);
      const { directory, entries } = joinedDirectory(facts, columns);
      const endAt = start + directory.length;
      const last = { entries, directorySize: directory.length, directoryOffset: start };
      const comment = mendedComment(facts);
      const zeros = Math.max(old.directorySize, directory.length);
      committing?.signal?.throwIfAborted();
      await makeRoom(endAt + END_RECORDS_SIZE + comment.length, zeros);
      await writePieces(file, start, directory);
      await file.sync();
      await file.write(end, endRecords(last, end));
      await file.sync();
      const records = endRecords(last, endAt, comment);
      await file.write(endAt, records);
      await file.sync();
      await file.truncate(endAt + records.length);
      await file.sync();
    },
    async discard() {
      await grown.stop();
      if (end === 0) return;
      await file
        .truncate(source.size)
        .then(() => file.sync())
        // What is behind the old end is no part of the archive, whether it is cut off or not.
        .catch(() => {});
    },
  };
}

/** The directory of the old entries that are not replaced and of the new ones: documents first, breadth-first. */
function joinedDirectory(
  facts: ArchiveFacts,
  columns: EntryColumns,
): { readonly directory: Uint8Array; readonly entries: number } {
  const { directory } = facts.archive;
  let names: readonly string[] = [];
  const { layout, crcs } = columns.layOut((added) => {
    names = [...added];
    return names;
  }, new Uint8Array(0));
  const replaced = new Set(names.map((name) => findEntry(directory, name)?.index));
  const kept = mendedOrder(facts).filter((index) => !replaced.has(index));
  const documents = new Map(facts.documents.listed.map(({ index, name }) => [index, name]));
  const header = (row: number): Uint8Array => {
    const bytes = new Uint8Array(writtenCentralHeaderSize(nameLengthAt(layout, row)));
    writeCentralHeader(viewOf(bytes), 0, storedEntryAt(layout, row, crcs[row] as number));
    return bytes;
  };
  const rows = names.map((name, row) => ({ name, row }));
  const first = [
    ...kept.flatMap((index) => {
      const name = documents.get(index);
      return name === undefined ? [] : [{ name, bytes: () => mendedDirectory(facts, [index]) }];
    }),
    ...rows
      .filter(({ name }) => isDocumentName(name))
      .map(({ name, row }) => ({ name, bytes: () => header(row) })),
  ].sort((a, b) => compareDocuments(a.name, b.name));
  const last = rows.filter(({ name }) => !isDocumentName(name)).sort((a, b) => compareKeys(a.name, b.name));
  const others = kept.filter((index) => !documents.has(index));
  return {
    directory: concatenate([
      ...first.map(({ bytes }) => bytes()),
      mendedDirectory(facts, others),
      ...last.map(({ row }) => header(row)),
    ]),
    entries: kept.length + names.length,
  };
}

/** The comment says which version the archive is, and all of it must be. */
function refuseOtherVersion({ source, hierarchy }: ArchiveFacts, version: string): void {
  const attributes = hierarchy.nodes.get("/")?.attributes["ome"];
  const known = (attributes as { version?: unknown } | undefined)?.version;
  if (known === version) return;
  throw new UnsupportedError(
    `${source.name} is OME-Zarr ${String(known)}, and nothing of ${version} can be added to it`,
    { location: source.name, path: ROOT, feature: `OME-Zarr ${version}` },
  );
}
