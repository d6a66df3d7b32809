import { MARK_OVERLAPS, nameAt } from "../directory/central-directory.js";
import { CENTRAL_HEADER_SIGNATURE, CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import {
  END_SIZE,
  parseZip64End,
  SPANNED_ONCE_SIGNATURE,
  SPANNED_SIGNATURE,
  ZIP64_END_SIZE,
  ZIP64_LOCATOR_SIZE,
} from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE, LOCAL_HEADER_SIZE } from "../records/local-header.js";
import type { ArchiveCheck, Violation } from "./archive-rule.js";
import type { CheckContext } from "./scan-archive.js";

/**
 * Rules about the position of the records of an archive in its file.
 *
 * @module
 */

/** Archives that cannot be opened violate this rule before any other is checked. */
export const zipEocd: ArchiveCheck = {
  id: "zip-eocd",
  level: "policy",
  severity: "error",
  title: "a central directory that can be found and read",
  help: "Copy or download the file again; if the original is damaged too, recreate it with another program.",
  set: "zip",
  *check({ archive: { end, directory } }) {
    if (directory.count === end.entries) return;
    const message = `The end record counts ${end.entries} entries, but the central directory has ${directory.count}.`;
    yield { message, moves: "tail" };
  },
};

export const notMultipart: ArchiveCheck = {
  id: "not-multipart",
  level: "MUST",
  severity: "error",
  title: "one file, not several parts",
  help: 'Join the parts into one file, as with "zip -s 0 parts.zip --out whole.zip".',
  set: "rfc9",
  clause: "R4",
  async *check({ archive, options }) {
    if (archive.source.size < 4) return;
    const signature = viewOf(await archive.source.read(0, 4, options)).getUint32(0, true);
    if (signature === SPANNED_SIGNATURE) yield { message: "The file starts as the first of several parts." };
    if (signature === SPANNED_ONCE_SIGNATURE) {
      const message = "The file starts as a spanned archive of a single part.";
      yield { message, severity: "warning", moves: "data" };
    }
  },
};

export const zipOverlap: ArchiveCheck = {
  id: "zip-overlap",
  level: "policy",
  severity: "error",
  title: "no overlapping entries",
  help: "Do not trust this file: zip bombs are built like this.",
  set: "zip",
  *check({ archive: { directory } }) {
    for (let index = 0; index < directory.count; index++) {
      if (((directory.marks[index] as number) & MARK_OVERLAPS) === 0) continue;
      const name = nameAt(directory, index);
      yield {
        where: `/${name}`,
        message: `${name} overlaps another entry or the central directory.`,
      };
    }
  },
};

export const prefixBytes: ArchiveCheck = {
  id: "prefix-bytes",
  level: "policy",
  severity: "warning",
  title: "an archive that starts at the start of its file",
  help: "Write the archive again: readers of .ozx do not need a program or other data before it.",
  set: "zip",
  async *check({ archive, local, options }) {
    const first = local.order[0];
    const start = first === undefined ? 0 : (archive.directory.headerOffsets[first] as number);
    const { shift } = archive.end;
    if (start === 0 || (await startsWithLocalHeader(archive.source, 0, start, options))) return;
    const ignored = shift > 0 ? ", which its offsets do not include" : "";
    yield { message: `${start} bytes are before the first entry${ignored}.`, moves: "data" };
  },
};

export const trailingBytes: ArchiveCheck = {
  id: "trailing-bytes",
  level: "policy",
  severity: "error",
  title: "an archive that ends at the end of its file",
  help: 'Remove them with "ozx fix": many readers do not recognize the archive as it is.',
  set: "zip",
  *check({ trailing }) {
    if (trailing > 0) yield { message: `${trailing} bytes follow the archive's end.`, moves: "tail" };
  },
};

export const orphanLocal: ArchiveCheck = {
  id: "orphan-local",
  level: "policy",
  severity: "warning",
  title: "no unused bytes",
  help: 'Write the archive again with "ozx fix --force" or "ozx convert": both omit bytes that no entry of the directory has.',
  set: "zip",
  async *check({ archive, local, options }) {
    const { directory, end, source } = archive;
    let covered = 0;
    let isKnown = true;
    for (let k = 0; k <= local.order.length; k++) {
      const index = local.order[k];
      const next = index === undefined ? end.directoryOffset : (directory.headerOffsets[index] as number);
      if (isKnown && next > covered) {
        const hidden = await startsWithLocalHeader(source, covered, next, options);
        const isDirectory = await startsWithCentralHeader(source, covered, next, options);
        // Other bytes before the first entry are reported by the rule about prefixes.
        if (isDirectory && index === undefined) yield oldTail(covered, next);
        else if (isDirectory) yield oldDirectory(covered, next);
        else if (hidden || k > 0) yield gap(covered, next, hidden);
      }
      const dataEnd = index === undefined ? next : (local.ends[index] as number);
      isKnown = !Number.isNaN(dataEnd);
      if (isKnown) covered = Math.max(covered, dataEnd);
    }
    yield* gapsBetweenEndRecords(archive, options);
  },
};

function gap(from: number, to: number, hidden: boolean): Violation {
  const what = hidden
    ? "hold an entry that the central directory does not list, and that only programs find that read the archive as a stream"
    : "belong to no entry";
  return { message: `The ${to - from} bytes at ${from} ${what}.`, moves: "data" };
}

/** What ozx 0.1 left where it added entries in place. */
function oldDirectory(from: number, to: number): Violation {
  return {
    message: `The ${to - from} bytes at ${from} are an older central directory: programs that read the archive as a stream, such as bsdtar and Java's ZipInputStream, end there and do not find the entries behind it.`,
    help: 'Write the archive again with "ozx fix --force", or into a new file with -o.',
    moves: "data",
  };
}

/** What an interrupted repair of the archive's end leaves behind. */
function oldTail(from: number, to: number): Violation {
  return { message: `The ${to - from} bytes at ${from} are an older central directory.`, moves: "tail" };
}

/** The directory, the ZIP64 record, its locator and the classic record must be contiguous. */
async function* gapsBetweenEndRecords(
  { source, end }: CheckContext["archive"],
  options: CheckContext["options"],
): AsyncGenerator<Violation> {
  const classic = source.size - END_SIZE - end.comment.length;
  const directoryEnd = end.directorySize === 0 ? undefined : end.directoryOffset + end.directorySize;
  const afterDirectory = end.zip64?.offset ?? classic;
  if (directoryEnd !== undefined && directoryEnd < afterDirectory) {
    yield {
      message: `${afterDirectory - directoryEnd} bytes are between the central directory and the end record.`,
      moves: "tail",
    };
  }
  if (end.zip64 === undefined) return;
  const record = parseZip64End(await source.read(end.zip64.offset, ZIP64_END_SIZE, options));
  const between = classic - ZIP64_LOCATOR_SIZE - end.zip64.offset - record.length;
  if (between > 0) {
    yield { message: `${between} bytes are between the ZIP64 end record and its locator.`, moves: "tail" };
  }
}

type StartsWith = (
  source: CheckContext["source"],
  at: number,
  limit: number,
  options: CheckContext["options"],
) => Promise<boolean>;

const startsWithLocalHeader = startsWith(LOCAL_HEADER_SIGNATURE, LOCAL_HEADER_SIZE);
/** Whether there is a central header at `at`, and space for one before `limit`. */
export const startsWithCentralHeader = startsWith(CENTRAL_HEADER_SIGNATURE, CENTRAL_HEADER_SIZE);

function startsWith(signature: number, least: number): StartsWith {
  return async (source, at, limit, options) =>
    limit - at >= least && viewOf(await source.read(at, 4, options)).getUint32(0, true) === signature;
}
