import { MARK_ZIP64 } from "../directory/central-directory.js";
import { type ArchiveCheck, perEntry } from "./archive-rule.js";
import { LOCAL_MISSING, LOCAL_ODD_ZIP64, LOCAL_ZIP64 } from "./compare-headers.js";

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
  *check(context) {
    yield* perEntry(
      context,
      (index) => ((context.local.bits[index] as number) & LOCAL_ODD_ZIP64) !== 0,
      ({ name }) =>
        `${name} has a ZIP64 field in its local header that does not have the two required sizes.`,
      { moves: "data" },
    );
    yield* perEntry(
      context,
      (index) => context.central.oddZip64[index] === 1,
      ({ name }) =>
        `${name} has a ZIP64 field in the central directory that does not match the header's sizes.`,
      { moves: "tail" },
    );
  },
};

export const zip64Agree: ArchiveCheck = {
  id: "zip64-agree",
  level: "policy",
  severity: "warning",
  title: "ZIP64 records that refer to each other",
  help: 'Rewrite the end of the archive with "ozx fix"; no data is moved.',
  set: "rfc9",
  *check({ archive: { end, directory } }) {
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
