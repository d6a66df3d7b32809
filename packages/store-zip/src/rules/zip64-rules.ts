import { MARK_ZIP64 } from "../directory/central-directory.js";
import type { ArchiveCheck } from "./archive-rule.js";
import { perEntry } from "./archive-rule.js";
import { LOCAL_MISSING, LOCAL_ODD_ZIP64, LOCAL_ZIP64 } from "./compare-headers.js";

/**
 * ZIP64 can stand at three places: in the end records, in the central headers and in the local ones. RFC-9 asks
 * for it without saying which it means, so each is looked at and reported on its own.
 */

export const zip64Archive: ArchiveCheck = {
  id: "zip64-archive",
  level: "SHOULD",
  severity: "warning",
  title: "a ZIP64 end record",
  help: 'Let "ozx fix" write it; no data is moved.',
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
  help: "Pack it again: every header then has them, whatever the size of its entry.",
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
      // Readers ask for it only where a number does not fit; what RFC-9 means by "used" is open.
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
  title: "ZIP64 fields of the form that all readers understand",
  help: 'Let "ozx fix" write the end of the archive again; local headers need the archive to be packed again.',
  set: "zip",
  *check(context) {
    yield* perEntry(
      context,
      (index) => ((context.local.bits[index] as number) & LOCAL_ODD_ZIP64) !== 0,
      ({ name }) => `${name} has a ZIP64 field in its local header that is not the two sizes it must hold.`,
      { moves: "data" },
    );
    yield* perEntry(
      context,
      (index) => context.central.oddZip64[index] === 1,
      ({ name }) =>
        `${name} has a ZIP64 field in the central directory that does not fit the sizes beside it.`,
      { moves: "tail" },
    );
  },
};

export const zip64Agree: ArchiveCheck = {
  id: "zip64-agree",
  level: "policy",
  severity: "warning",
  title: "ZIP64 records that lead to each other",
  help: 'Let "ozx fix" write the end of the archive again; no data is moved.',
  set: "rfc9",
  *check({ archive: { end, directory } }) {
    if (end.zip64 !== undefined && !end.zip64.sentinels) {
      // jszip refuses such an archive.
      const message =
        "There is a ZIP64 end record, and the classic one repeats its numbers in place of pointing to it.";
      yield { message, moves: "tail" };
    }
    if (end.zip64 === undefined && directory.marks.some((mark) => (mark & MARK_ZIP64) !== 0)) {
      // fflate finds empty files in such an archive.
      const message = "The central directory has ZIP64 fields, and there is no ZIP64 end record.";
      yield { message, moves: "tail" };
    }
  },
};
