import { isOzxError } from "@ozx/core";
import {
  type DirectoryEntry,
  entryAt,
  MARK_DIRECTORY,
  MARK_OVERLAPS,
  MARK_SHADOWED,
  MARK_SYMLINK,
  nameAt,
} from "../directory/central-directory.js";
import { openArchive } from "../read/archive.js";
import { readLocalHeader } from "../read/local-data.js";
import { sourcePart } from "../read/source-parts.js";
import { findEnds, MAX_END_DISTANCE } from "../records/end-records.js";
import { isEncrypted, METHOD_STORED, viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE } from "../records/local-header.js";
import { type ArchiveCheck, perEntry } from "./archive-rule.js";
import type { CheckContext } from "./scan-archive.js";
import { NAME_ARCHIVE } from "./scan-central.js";

/**
 * Rules about the kinds of entries, their number and the file's name.
 *
 * @module
 */

export const noNestedZip: ArchiveCheck = {
  id: "no-nested-zip",
  level: "MUST",
  severity: "error",
  title: "no archive inside the archive",
  help: "Move the inner archive out of the image and pack it again.",
  set: "rfc9",
  clause: "R3",
  async *check(context) {
    const { directory } = context.archive;
    for (const index of candidates(context)) {
      const name = nameAt(directory, index);
      const lower = name.toLowerCase();
      if (lower.endsWith(".ozx")) {
        yield { where: `/${name}`, message: `${name} is an archive inside the archive.`, moves: "data" };
        continue;
      }
      const entry = entryAt(directory, index);
      const inner = await nestedKind(context, entry);
      if (inner === "zarr") {
        yield { where: `/${name}`, message: `${name} is an archive that contains Zarr.`, moves: "data" };
      } else if (inner === "zip" || lower.endsWith(".zip")) {
        const message = `${name} is an archive inside the archive, without Zarr.`;
        yield { where: `/${name}`, message, severity: "warning", moves: "data" };
      }
    }
  },
};

/** Entries that have the name of an archive, or are neither metadata nor chunks. */
function* candidates({ archive: { directory }, names, others }: CheckContext): Generator<number> {
  const { count, marks } = directory;
  const isOther = new Set(others);
  for (let index = 0; index < count; index++) {
    if (((marks[index] as number) & (MARK_DIRECTORY | MARK_SHADOWED)) !== 0) continue;
    if (((names[index] as number) & NAME_ARCHIVE) !== 0 || isOther.has(index)) yield index;
  }
}

/** Whether a stored entry's data is an archive, and one with Zarr. */
async function nestedKind(
  { archive, options }: CheckContext,
  entry: DirectoryEntry,
): Promise<"zip" | "zarr" | undefined> {
  const isStored = entry.method === METHOD_STORED && entry.compressedSize === entry.size;
  if (!isStored || isEncrypted(entry) || (entry.marks & (MARK_OVERLAPS | MARK_SYMLINK)) !== 0)
    return undefined;
  try {
    const { dataStart } = await readLocalHeader(archive, entry, options);
    const inner = sourcePart(archive.source, entry.headerOffset + dataStart, entry.size);
    if (
      inner.size < 22 ||
      viewOf(await inner.read(0, 4, options)).getUint32(0, true) !== LOCAL_HEADER_SIGNATURE
    )
      return undefined;
    const length = Math.min(inner.size, MAX_END_DISTANCE);
    if (findEnds(await inner.read(inner.size - length, length, options)).length === 0) return undefined;
    const { directory } = await openArchive(inner, options);
    for (let index = 0; index < directory.count; index++) {
      if (/(?:^|\/)(?:zarr\.json|\.zgroup|\.zarray)$/.test(nameAt(directory, index))) return "zarr";
    }
    return "zip";
  } catch (error) {
    if (isOzxError(error, "InvalidArchive") || isOzxError(error, "Unsupported")) return undefined;
    throw error;
  }
}

export const dirEntries: ArchiveCheck = {
  id: "dir-entries",
  level: "policy",
  severity: "info",
  title: "no entries for folders",
  help: 'Remove them from the directory with "ozx fix"; folders follow from the names of files.',
  set: "rfc9",
  *check({ archive: { directory }, documents }) {
    const lastDocument = documents.inDirectory.at(-1)?.index ?? -1;
    for (let index = 0; index < directory.count; index++) {
      if (((directory.marks[index] as number) & MARK_DIRECTORY) === 0) continue;
      const name = nameAt(directory, index);
      const isBefore = index < lastDocument;
      yield {
        where: `/${name}`,
        message: `${name} is an entry for a folder${isBefore ? " and comes before a zarr.json" : ""}.`,
        moves: "tail",
        ...(isBefore && { severity: "warning" }),
      };
    }
  },
};

export const symlink: ArchiveCheck = {
  id: "symlink",
  level: "policy",
  severity: "warning",
  title: "no symbolic links",
  help: "Pack the file that the link points to; links in archives are not followed.",
  set: "rfc9",
  check: (context) =>
    perEntry(
      context,
      (index) => ((context.archive.directory.marks[index] as number) & MARK_SYMLINK) !== 0,
      ({ name }) => `${name} is a symbolic link.`,
      { moves: "data" },
    ),
};

/** The most entries of the classic end record; readers that request the directory in small parts still open it quickly. */
const MANY = 0xffff;

export const cdSize: ArchiveCheck = {
  id: "cd-size",
  level: "policy",
  severity: "info",
  title: "few enough entries to open quickly",
  help: "Convert it with shards: most readers must read the whole central directory first.",
  set: "rfc9",
  *check({ archive: { directory, end } }) {
    if (directory.count <= MANY) return;
    yield {
      message: `There are ${directory.count} entries, with a central directory of ${end.directorySize} bytes.`,
    };
  },
};

export const extOzx: ArchiveCheck = {
  id: "ext-ozx",
  level: "SHOULD",
  severity: "warning",
  title: "a name that ends with .ozx",
  help: "Rename the file so that its name ends with .ozx.",
  set: "rfc9",
  clause: "S5",
  *check({ source, options }) {
    const name = options.name ?? source.name;
    // A URL may have a query after its path.
    const path = /^https?:/.test(name) ? name.replace(/[?#].*$/, "") : name;
    if (!path.endsWith(".ozx"))
      yield { message: `The file is named ${path.slice(path.lastIndexOf("/") + 1)}.` };
  },
};
