import { MARK_OVERLAPS, nameAt } from "../directory/central-directory.js";
import { CENTRAL_HEADER_SIGNATURE, CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import { END_SIZE, parseZip64End, ZIP64_END_SIZE, ZIP64_LOCATOR_SIZE } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE, LOCAL_HEADER_SIZE } from "../records/local-header.js";
import type { ArchiveCheck, Violation } from "./archive-rule.js";
import type { CheckContext } from "./scan-archive.js";

/** Rules about how the records of an archive lie in its file. */

/** An archive that cannot be opened breaks it before there is anything to ask about. */
export const zipEocd: ArchiveCheck = {
  id: "zip-eocd",
  level: "policy",
  severity: "error",
  title: "a central directory that can be found and read",
  help: "Copy or download the file again; where it was always so, write it again with another program.",
  set: "zip",
  *check({ archive: { end, directory } }) {
    if (directory.count === end.entries) return;
    const message = `The end record counts ${end.entries} entries, and the central directory holds ${directory.count}.`;
    yield { message, moves: "tail" };
  },
};

export const notMultipart: ArchiveCheck = {
  id: "not-multipart",
  level: "MUST",
  severity: "error",
  title: "one file and not several parts",
  help: 'Join the parts into one file, as with "zip -s 0 parts.zip --out whole.zip".',
  set: "rfc9",
  clause: "R4",
  async *check({ archive, options }) {
    if (archive.source.size < 4) return;
    const signature = viewOf(await archive.source.read(0, 4, options)).getUint32(0, true);
    if (signature === SPANNED) yield { message: "The file starts as the first of several parts." };
    if (signature === SPANNED_ONCE) {
      const message = "The file starts with the mark of an archive that was to be split and then was not.";
      yield { message, severity: "warning", moves: "data" };
    }
  },
};

/** Both start a spanned archive; the second where it became one part only (APPNOTE 8.5.3, 8.5.4). */
const SPANNED = 0x08074b50;
const SPANNED_ONCE = 0x30304b50;

export const zipOverlap: ArchiveCheck = {
  id: "zip-overlap",
  level: "policy",
  severity: "error",
  title: "no two entries on top of each other",
  help: "Do not trust this file: archives that expand without bounds are made so.",
  set: "zip",
  *check({ archive: { directory } }) {
    for (let index = 0; index < directory.count; index++) {
      if (((directory.marks[index] as number) & MARK_OVERLAPS) === 0) continue;
      const name = nameAt(directory, index);
      yield {
        where: `/${name}`,
        message: `${name} lies on top of another entry or of the central directory.`,
      };
    }
  },
};

export const prefixBytes: ArchiveCheck = {
  id: "prefix-bytes",
  level: "policy",
  severity: "warning",
  title: "an archive that starts where its file starts",
  help: "Write the archive again; RFC-9 has no use for programs or other data before it.",
  set: "zip",
  async *check({ archive, local, options }) {
    const first = local.order[0];
    const start = first === undefined ? 0 : (archive.directory.headerOffsets[first] as number);
    const { shift } = archive.end;
    if (start === 0 || (await startsWithLocalHeader(archive.source, 0, start, options))) return;
    const counted = shift > 0 ? ", which its offsets leave out of account" : "";
    yield { message: `${start} bytes stand before the first entry${counted}.`, moves: "data" };
  },
};

export const trailingBytes: ArchiveCheck = {
  id: "trailing-bytes",
  level: "policy",
  severity: "error",
  title: "an archive that ends where its file ends",
  help: 'Let "ozx fix" cut them off: many readers find no archive in it as it is.',
  set: "zip",
  *check({ trailing }) {
    if (trailing > 0) yield { message: `${trailing} bytes follow the archive's end.`, moves: "tail" };
  },
};

export const orphanLocal: ArchiveCheck = {
  id: "orphan-local",
  level: "policy",
  severity: "warning",
  title: "no bytes that belong to nothing",
  help: "Write the archive again, which leaves out what no reader sees.",
  set: "zip",
  async *check({ archive, local, options }) {
    const { directory, end, source } = archive;
    let covered = 0;
    let sure = true;
    for (let k = 0; k <= local.order.length; k++) {
      const index = local.order[k];
      const next = index === undefined ? end.directoryOffset : (directory.headerOffsets[index] as number);
      if (sure && next > covered) {
        const hidden = await startsWithLocalHeader(source, covered, next, options);
        const isOldTail =
          index === undefined && (await startsWithCentralHeader(source, covered, next, options));
        // What stands before the first entry and is none itself is for the rule of prefixes to tell.
        if (isOldTail) yield oldTail(covered, next);
        else if (hidden || k > 0) yield gap(covered, next, hidden);
      }
      const dataEnd = index === undefined ? next : (local.ends[index] as number);
      sure = !Number.isNaN(dataEnd);
      if (sure) covered = Math.max(covered, dataEnd);
    }
    yield* gapsBetweenEndRecords(archive, options);
  },
};

function gap(from: number, to: number, hidden: boolean): Violation {
  const what = hidden ? "hold an entry that the central directory does not list" : "belong to no entry";
  return { message: `The ${to - from} bytes at ${from} ${what}.`, moves: "data" };
}

/** What an interrupted change of the archive's end leaves behind. */
function oldTail(from: number, to: number): Violation {
  return { message: `The ${to - from} bytes at ${from} are an older central directory.`, moves: "tail" };
}

/** The directory's end, the ZIP64 record, its locator and the classic record touch each other. */
async function* gapsBetweenEndRecords(
  { source, end }: CheckContext["archive"],
  options: CheckContext["options"],
): AsyncGenerator<Violation> {
  const classic = source.size - END_SIZE - end.comment.length;
  const directoryEnd = end.directorySize === 0 ? undefined : end.directoryOffset + end.directorySize;
  const afterDirectory = end.zip64?.offset ?? classic;
  if (directoryEnd !== undefined && directoryEnd < afterDirectory) {
    yield {
      message: `${afterDirectory - directoryEnd} bytes stand between the central directory and the end record.`,
      moves: "tail",
    };
  }
  if (end.zip64 === undefined) return;
  const record = parseZip64End(await source.read(end.zip64.offset, ZIP64_END_SIZE, options));
  const between = classic - ZIP64_LOCATOR_SIZE - end.zip64.offset - record.length;
  if (between > 0) {
    yield { message: `${between} bytes stand between the ZIP64 end record and its locator.`, moves: "tail" };
  }
}

type StartsWith = (
  source: CheckContext["source"],
  at: number,
  limit: number,
  options: CheckContext["options"],
) => Promise<boolean>;

const startsWithLocalHeader = startsWith(LOCAL_HEADER_SIGNATURE, LOCAL_HEADER_SIZE);
export const startsWithCentralHeader = startsWith(CENTRAL_HEADER_SIGNATURE, CENTRAL_HEADER_SIZE);

function startsWith(signature: number, least: number): StartsWith {
  return async (source, at, limit, options) =>
    limit - at >= least && viewOf(await source.read(at, 4, options)).getUint32(0, true) === signature;
}
