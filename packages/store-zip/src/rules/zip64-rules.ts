import { MARK_ZIP64 } from "../directory/central-directory.js";
import {
  END_SIZE,
  parseZip64End,
  parseZip64Locator,
  ZIP64_END_SIGNATURE,
  ZIP64_END_SIZE,
  ZIP64_LOCATOR_SIZE,
} from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { type ArchiveCheck, perEntry, type Violation } from "./archive-rule.js";
import { LOCAL_MISSING, LOCAL_ODD_ZIP64, LOCAL_OTHER_ZIP64, LOCAL_ZIP64 } from "./compare-headers.js";
import type { CheckContext } from "./scan-archive.js";

/**
 * Rules about ZIP64 in the end records, the central headers and the local headers. RFC-9 recommends ZIP64 without saying
 * which of these it means, so each is reported separately.
 *
 * @module
 */

export const zip64Archive: ArchiveCheck = {
  id: "zip64-archive",
  level: "SHOULD",
  severity: "warning",
  title: "a ZIP64 end record",
  help: 'Write it with "ozx fix"; no data is moved.',
  set: "rfc9",
  clause: "S1",
  *check({ archive: { end } }) {
    if (end.zip64 === undefined) {
      yield { message: "There is no ZIP64 end of central directory record.", moves: "tail" };
    }
  },
};

export const zip64Entries: ArchiveCheck = {
  id: "zip64-entries",
  level: "SHOULD",
  severity: "warning",
  title: "ZIP64 fields in the headers of all entries",
  help: "Pack it again, which writes them into every header.",
  set: "rfc9",
  clause: "S1",
  *check(context) {
    const { count, marks } = context.archive.directory;
    const local = countMissing(context.local.bits, LOCAL_ZIP64 | LOCAL_MISSING);
    if (local > 0) {
      yield { message: `${local} of ${count} local headers have no ZIP64 sizes.`, moves: "data" };
    }
    const central = countMissing(marks, MARK_ZIP64);
    if (central > 0) {
      const message = `${central} of ${count} headers of the central directory have no ZIP64 field.`;
      // Readers need it only where a number does not fit, and RFC-9 does not define "used".
      yield { message, severity: "info", moves: "tail" };
    }
  },
};

function countMissing(bits: ArrayLike<number>, wanted: number): number {
  let missing = 0;
  for (let index = 0; index < bits.length; index++) if (((bits[index] as number) & wanted) === 0) missing++;
  return missing;
}

export const zip64Wellformed: ArchiveCheck = {
  id: "zip64-wellformed",
  level: "policy",
  severity: "warning",
  title: "ZIP64 fields that all readers understand",
  help: 'Rewrite the end of the archive with "ozx fix"; for local headers, pack the archive again.',
  set: "zip",
  async *check(context) {
    yield* perEntry(
      context,
      (index) => ((context.local.bits[index] as number) & LOCAL_ODD_ZIP64) !== 0,
      ({ name }) =>
        `${name} has a ZIP64 field in its local header that does not have the two required sizes.`,
      { moves: "data" },
    );
    yield* perEntry(
      context,
      (index) =>
        ((context.local.bits[index] as number) & LOCAL_OTHER_ZIP64) !== 0 ||
        context.central.oddZip64[index] === 2,
      ({ name }) => `${name} has other sizes in a ZIP64 field than in the header that it belongs to.`,
      { ...DISAGREEING, moves: "data" },
    );
    yield* end64Contradictions(context);
    yield* perEntry(
      context,
      (index) => context.central.oddZip64[index] === 1,
      ({ name }) =>
        `${name} has a ZIP64 field in the central directory that does not match the header's sizes.`,
      { moves: "tail" },
    );
  },
};

const DISAGREEING = {
  severity: "error",
  help: "Do not trust this file: programs disagree on which of the two they use.",
} as const;

/** A locator that leads nowhere, and a second ZIP64 end record, which some programs find first. */
async function* end64Contradictions({
  archive: { source, end },
  options,
}: CheckContext): AsyncGenerator<Violation> {
  const at = source.size - END_SIZE - end.comment.length - ZIP64_LOCATOR_SIZE;
  if (at < 0) return;
  const locator = parseZip64Locator(await source.read(at, ZIP64_LOCATOR_SIZE, options), 0);
  // An extra field or a comment before the end record may look like a locator by chance.
  if (locator === undefined || locator.disk !== 0 || locator.disks > 1) return;
  if (end.zip64 === undefined) {
    yield {
      message: `The ZIP64 locator points to byte ${locator.endOffset}, where there is no ZIP64 end record.`,
      ...DISAGREEING,
      moves: "tail",
    };
    return;
  }
  const near = at - ZIP64_END_SIZE;
  for (const offset of new Set([near, locator.endOffset])) {
    if (offset === end.zip64.offset || offset < 0 || offset > near) continue;
    const bytes = await source.read(offset, ZIP64_END_SIZE, options);
    if (viewOf(bytes).getUint32(0, true) !== ZIP64_END_SIGNATURE) continue;
    const other = parseZip64End(bytes);
    if (
      other.entries === end.entries &&
      other.directorySize === end.directorySize &&
      other.directoryOffset + end.shift === end.directoryOffset
    )
      continue;
    yield {
      message: `There is a second ZIP64 end record at byte ${offset}, with ${other.entries} entries and not ${end.entries}.`,
      ...DISAGREEING,
      moves: "tail",
    };
  }
}

export const zip64Agree: ArchiveCheck = {
  id: "zip64-agree",
  level: "policy",
  severity: "warning",
  title: "ZIP64 records that refer to each other",
  help: 'Rewrite the end of the archive with "ozx fix"; no data is moved.',
  set: "rfc9",
  async *check({ archive: { source, end, directory }, options }) {
    if (end.zip64 !== undefined) {
      const record = parseZip64End(await source.read(end.zip64.offset, ZIP64_END_SIZE, options));
      if (record.length > ZIP64_END_SIZE) {
        // CPython before 3.14 looks for the record in the 56 bytes before its locator; Rust's ozx 0.1.0 writes such files.
        const message = `The ZIP64 end record has an extensible data sector of ${record.length - ZIP64_END_SIZE} bytes, so Python's zipfile refuses the archive.`;
        yield { message, severity: "error", moves: "tail" };
      }
    }
    if (end.zip64 !== undefined && !end.zip64.sentinels) {
      // jszip refuses such an archive.
      const message =
        "There is a ZIP64 end record, but the classic one repeats its numbers instead of referring to it.";
      yield { message, moves: "tail" };
    }
    if (end.zip64 === undefined && directory.marks.some((mark) => (mark & MARK_ZIP64) !== 0)) {
      // fflate finds empty files in such an archive.
      const message = "The central directory has ZIP64 fields, but there is no ZIP64 end record.";
      yield { message, moves: "tail" };
    }
  },
};
