import { createPacer, isOzxError, readAhead } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { type DirectoryEntry, entryAt, MARK_OVERLAPS, MARK_SYMLINK } from "../directory/central-directory.js";
import { streamEntryData } from "../read/entry-stream.js";
import { inflateEntry } from "../read/inflate.js";
import { FLAG_DATA_DESCRIPTOR, isEncrypted, METHOD_DEFLATE, METHOD_STORED } from "../records/flags.js";
import type { ArchiveFacts } from "./facts.js";
import {
  LOCAL_CRC,
  LOCAL_DAMAGED,
  LOCAL_METHOD,
  LOCAL_MISSING,
  LOCAL_NAME,
  LOCAL_OUTSIDE,
  LOCAL_SIZES,
} from "./inspect-local.js";
import type { ArchiveCheck, Breach } from "./rule.js";

/** Entries that are longer are read piece by piece. */
const MAX_WHOLE = 4 * 1024 * 1024;
const READS_AT_ONCE = 8;

export const zipCrc: ArchiveCheck = {
  id: "zip-crc",
  level: "policy",
  severity: "error",
  title: "data that is what its checksum promises",
  help: "Copy or download the file again; if it stays so, the data was damaged before it was sent.",
  set: "zip",
  async *check(facts) {
    const { options } = facts;
    if (options.deep !== true) return yield* corruptDocuments(facts);
    let entries = 0;
    let bytes = 0;
    for await (const { entry, isRight } of checkedEntries(facts)) {
      entries++;
      bytes += entry.size;
      options.onProgress?.({ entries, bytes });
      if (isRight) continue;
      const message = `${entry.name} is corrupt: its data is not what its CRC and size promise.`;
      yield { where: `/${entry.name}`, message };
    }
  },
};

/** Documents are read in any case. */
function* corruptDocuments({ hierarchy }: ArchiveFacts): Generator<Breach> {
  for (const { path, error } of hierarchy.broken) {
    if (!isOzxError(error, "CorruptData")) continue;
    const name = error.path ?? path;
    yield {
      where: `/${name}`,
      message: `${name} is corrupt: its data is not what its CRC and size promise.`,
    };
  }
}

interface Checked {
  readonly entry: DirectoryEntry;
  readonly isRight: boolean;
}

/** Every entry whose data can be read, in the order of the file. */
async function* checkedEntries(facts: ArchiveFacts): AsyncGenerator<Checked> {
  const { source } = facts.archive;
  const { signal } = facts.options;
  if (source.readSync === undefined) {
    yield* readAhead(readableEntries(facts), READS_AT_ONCE, async (entry) => {
      if (!isWhole(entry)) return { entry, isRight: await isRightStreamed(facts, entry) };
      const compressed = await source.read(dataStart(facts, entry), entry.compressedSize, { signal });
      return { entry, isRight: isRightWhole(facts, entry, compressed) };
    });
    return;
  }
  const buffer = new Uint8Array(MAX_WHOLE);
  const pause = createPacer();
  for (const entry of readableEntries(facts)) {
    if (isWhole(entry)) {
      const compressed = buffer.subarray(0, entry.compressedSize);
      source.readSync(dataStart(facts, entry), compressed);
      yield { entry, isRight: isRightWhole(facts, entry, compressed) };
    } else yield { entry, isRight: await isRightStreamed(facts, entry) };
    await pause();
    signal?.throwIfAborted();
  }
}

/** What another rule has told already, and what keeps data from being read at all. */
const UNREADABLE =
  LOCAL_CRC | LOCAL_DAMAGED | LOCAL_METHOD | LOCAL_MISSING | LOCAL_NAME | LOCAL_OUTSIDE | LOCAL_SIZES;

function* readableEntries({ archive: { directory }, local }: ArchiveFacts): Generator<DirectoryEntry> {
  for (let k = 0; k < directory.count; k++) {
    const entry = entryAt(directory, local.order[k] as number);
    const { method, size, compressedSize, marks } = entry;
    const isReadable =
      ((local.bits[entry.index] as number) & UNREADABLE) === 0 &&
      (marks & (MARK_OVERLAPS | MARK_SYMLINK)) === 0 &&
      (method === METHOD_DEFLATE || (method === METHOD_STORED && size === compressedSize)) &&
      !isEncrypted(entry);
    if (isReadable) yield entry;
  }
}

/** Whether an entry fits into memory, and where its data ends is where the entry does. */
function isWhole({ size, compressedSize, flags }: DirectoryEntry): boolean {
  return size <= MAX_WHOLE && compressedSize <= MAX_WHOLE && (flags & FLAG_DATA_DESCRIPTOR) === 0;
}

function dataStart({ local }: ArchiveFacts, { index, compressedSize }: DirectoryEntry): number {
  return (local.ends[index] as number) - compressedSize;
}

function isRightWhole({ archive }: ArchiveFacts, entry: DirectoryEntry, compressed: Uint8Array): boolean {
  if (entry.method === METHOD_STORED) return crc32(compressed) === entry.crc;
  try {
    return crc32(inflateEntry(archive, entry, compressed)) === entry.crc;
  } catch (error) {
    if (isOzxError(error, "CorruptData")) return false;
    throw error;
  }
}

async function isRightStreamed({ archive, options }: ArchiveFacts, entry: DirectoryEntry): Promise<boolean> {
  try {
    for await (const _ of streamEntryData(archive, entry, options)) options.signal?.throwIfAborted();
    return true;
  } catch (error) {
    if (isOzxError(error, "CorruptData") || isOzxError(error, "InvalidArchive")) return false;
    throw error;
  }
}
