import { isOzxError } from "@ozx/core";
import { createThrottle, readAhead } from "@ozx/core/container";
import { crc32 } from "../crc32/crc32.js";
import { type DirectoryEntry, entryAt, MARK_OVERLAPS, MARK_SYMLINK } from "../directory/central-directory.js";
import { inflateEntry, streamEntryData } from "../read/entry-stream.js";
import {
  FLAG_DATA_DESCRIPTOR,
  FLAG_PATCHED,
  isEncrypted,
  METHOD_DEFLATE,
  METHOD_STORED,
} from "../records/fields.js";
import { type ArchiveCheck, perEntry, type Violation } from "./archive-rule.js";
import {
  LOCAL_CRC,
  LOCAL_DAMAGED,
  LOCAL_METHOD,
  LOCAL_MISSING,
  LOCAL_NAME,
  LOCAL_OUTSIDE,
  LOCAL_SIZES,
} from "./compare-headers.js";
import type { CheckContext } from "./scan-archive.js";
import { EXTRA_AES } from "./scan-central.js";

/**
 * Rules about the data of entries: how it is packed, and whether it is intact.
 *
 * @module
 */

export const zipMethod: ArchiveCheck = {
  id: "zip-method",
  level: "policy",
  severity: "error",
  title: "compression methods that every reader supports",
  help: 'Unpack it with the program that wrote it and pack it again without compression, as with "zip -0".',
  set: "zip",
  *check(context) {
    const { flags, methods } = context.archive.directory;
    yield* perEntry(
      context,
      (index) => ((flags[index] as number) & FLAG_PATCHED) !== 0,
      ({ name }) => `${name} is marked as patched data (general purpose bit 5), which no reader can apply.`,
    );
    yield* perEntry(
      context,
      (index) =>
        methods[index] !== METHOD_STORED &&
        methods[index] !== METHOD_DEFLATE &&
        !isEncryptedAt(context, index),
      ({ name, method }) => `${name} is compressed with method ${method}, which few programs support.`,
      { moves: "data" },
    );
  },
};

/** Version 6.3, the newest in APPNOTE 4.4.3.2. */
const NEWEST_VERSION = 63;

export const zipVersion: ArchiveCheck = {
  id: "zip-version",
  level: "policy",
  severity: "warning",
  title: "entries that require an existing version of ZIP",
  help: "Pack it again: some programs refuse entries that require a newer version than they support.",
  set: "zip",
  check: (context) => {
    const { view, starts } = context.central;
    return perEntry(
      context,
      (index) => view.getUint8((starts[index] as number) + 6) > NEWEST_VERSION,
      ({ name }) => `${name} requires a version of ZIP that does not exist.`,
      { moves: "data" },
    );
  },
};

export const stored: ArchiveCheck = {
  id: "stored",
  level: "SHOULD",
  severity: "warning",
  title: "entries that are stored, not compressed",
  help: "Pack it again, which stores every entry; chunks are compressed by Zarr's own codecs.",
  set: "rfc9",
  clause: "S2",
  check: (context) => {
    const { methods } = context.archive.directory;
    return perEntry(
      context,
      (index) => methods[index] === METHOD_DEFLATE,
      ({ name }) => `${name} is compressed by the archive.`,
      { moves: "data" },
    );
  },
};

export const noEncryption: ArchiveCheck = {
  id: "no-encryption",
  level: "policy",
  severity: "error",
  title: "no encrypted entries",
  help: "Decrypt the archive with the program that encrypted it and pack its content again.",
  set: "zip",
  check: (context) =>
    perEntry(
      context,
      (index) => isEncryptedAt(context, index),
      ({ name }) => `${name} is encrypted.`,
      { moves: "data" },
    ),
};

/** Whether entry `index` is encrypted, by its flags, its method or an extra field. */
export function isEncryptedAt({ archive: { directory }, central }: CheckContext, index: number): boolean {
  const entry = { flags: directory.flags[index] as number, method: directory.methods[index] as number };
  return isEncrypted(entry) || ((central.extras[index] as number) & EXTRA_AES) !== 0;
}

/** Longer entries are read in pieces. */
const MAX_WHOLE = 4 * 1024 * 1024;
const READS_AT_ONCE = 8;

export const zipCrc: ArchiveCheck = {
  id: "zip-crc",
  level: "policy",
  severity: "error",
  title: "data that matches its checksum",
  help: "Copy or download the file again; if it is still corrupt, the original is damaged too.",
  set: "zip",
  async *check(context) {
    const { options } = context;
    if (options.deep !== true) return yield* corruptDocuments(context);
    let entries = 0;
    let bytes = 0;
    for await (const { entry, isIntact } of checkedEntries(context)) {
      entries++;
      bytes += entry.size;
      options.onProgress?.({ entries, bytes });
      if (!isIntact) yield corruptEntry(entry.name);
    }
  },
};

/** Violations of documents, which are always read. */
function* corruptDocuments({ hierarchy }: CheckContext): Generator<Violation> {
  for (const { path, error } of hierarchy.broken) {
    if (!isOzxError(error, "CorruptData")) continue;
    yield corruptEntry(error.path ?? path);
  }
}

function corruptEntry(name: string): Violation {
  return {
    where: `/${name}`,
    message: `${name} is corrupt: its data does not match its CRC and size.`,
  };
}

interface CheckedEntry {
  readonly entry: DirectoryEntry;
  readonly isIntact: boolean;
}

/** Checks every entry whose data can be read, in the order of the file. */
async function* checkedEntries(context: CheckContext): AsyncGenerator<CheckedEntry> {
  const { source } = context.archive;
  const { signal } = context.options;
  if (source.readSync === undefined) {
    yield* readAhead(readableEntries(context), READS_AT_ONCE, async (entry) => {
      if (!isWhole(entry)) return { entry, isIntact: await isIntactStreamed(context, entry) };
      const compressed = await source.read(dataStart(context, entry), entry.compressedSize, { signal });
      return { entry, isIntact: isIntactWhole(context, entry, compressed) };
    });
    return;
  }
  const buffer = new Uint8Array(MAX_WHOLE);
  const pause = createThrottle({ signal });
  for (const entry of readableEntries(context)) {
    if (isWhole(entry)) {
      const compressed = buffer.subarray(0, entry.compressedSize);
      source.readSync(dataStart(context, entry), compressed);
      yield { entry, isIntact: isIntactWhole(context, entry, compressed) };
    } else yield { entry, isIntact: await isIntactStreamed(context, entry) };
    await pause();
    signal?.throwIfAborted();
  }
}

/** What other rules report, and what prevents data from being read. */
const UNREADABLE =
  LOCAL_CRC | LOCAL_DAMAGED | LOCAL_METHOD | LOCAL_MISSING | LOCAL_NAME | LOCAL_OUTSIDE | LOCAL_SIZES;

function* readableEntries({ archive: { directory }, local }: CheckContext): Generator<DirectoryEntry> {
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

/** Whether an entry fits into memory and ends with its data, so that the position of its data is known. */
function isWhole({ size, compressedSize, flags }: DirectoryEntry): boolean {
  return size <= MAX_WHOLE && compressedSize <= MAX_WHOLE && (flags & FLAG_DATA_DESCRIPTOR) === 0;
}

function dataStart({ local }: CheckContext, { index, compressedSize }: DirectoryEntry): number {
  return (local.ends[index] as number) - compressedSize;
}

function isIntactWhole({ archive }: CheckContext, entry: DirectoryEntry, compressed: Uint8Array): boolean {
  if (entry.method === METHOD_STORED) return crc32(compressed) === entry.crc;
  try {
    return crc32(inflateEntry(archive, entry, compressed)) === entry.crc;
  } catch (error) {
    if (isOzxError(error, "CorruptData")) return false;
    throw error;
  }
}

async function isIntactStreamed({ archive, options }: CheckContext, entry: DirectoryEntry): Promise<boolean> {
  try {
    for await (const _ of streamEntryData(archive, entry, options)) options.signal?.throwIfAborted();
    return true;
  } catch (error) {
    if (isOzxError(error, "CorruptData") || isOzxError(error, "InvalidArchive")) return false;
    throw error;
  }
}
