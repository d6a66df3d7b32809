import { nameAt } from "../directory/central-directory.js";
import { FLAG_DATA_DESCRIPTOR, METHOD_STORED } from "../records/fields.js";
import { type ArchiveCheck, perEntry } from "./archive-rule.js";
import {
  hasStaleUnicode,
  LOCAL_CRC,
  LOCAL_DAMAGED,
  LOCAL_DESCRIPTOR_WRONG,
  LOCAL_FLAGS,
  LOCAL_FOREIGN_EXTRA,
  LOCAL_METHOD,
  LOCAL_MISSING,
  LOCAL_NAME,
  LOCAL_OTHER_EXTRA,
  LOCAL_OUTSIDE,
  LOCAL_RAGGED_EXTRA,
  LOCAL_SIZES,
  LOCAL_STALE_UNICODE,
  LOCAL_TIME,
  LOCAL_TWICE_EXTRA,
} from "./compare-headers.js";
import { isEncryptedAt } from "./data-rules.js";
import type { CheckContext } from "./scan-archive.js";
import {
  EXTRA_FOREIGN,
  EXTRA_RAGGED,
  EXTRA_TWICE,
  EXTRA_UNICODE,
  rawComment,
  rawExtra,
  rawName,
} from "./scan-central.js";

/**
 * Rules about the two headers of every entry, and their extra fields.
 *
 * @module
 */

export const zipLfhMatch: ArchiveCheck = {
  id: "zip-lfh-match",
  level: "policy",
  severity: "error",
  title: "local headers that agree with the central directory",
  help: "Do not trust this file: programs that read local headers see another archive than those that read the directory.",
  set: "zip",
  *check(context) {
    const { directory } = context.archive;
    for (let index = 0; index < directory.count; index++) {
      const bits = (context.local.bits[index] as number) & MISMATCHES;
      if (bits === 0) continue;
      const name = nameAt(directory, index);
      const violation = { where: `/${name}`, message: `${name} ${mismatch(bits)}.` };
      if ((bits & LOCAL_MISSING) !== 0 && (bits & LOCAL_OUTSIDE) === 0) {
        // No program can read the entry, so the file is damaged rather than crafted.
        yield { ...violation, help: "The file is damaged: copy or download it again." };
        continue;
      }
      // A date does not affect the content.
      yield bits === LOCAL_TIME ? { ...violation, severity: "warning" } : violation;
    }
  },
};

const DIFFERENCES = [
  [LOCAL_NAME, "name"],
  [LOCAL_METHOD, "compression method"],
  [LOCAL_FLAGS, "flags"],
  [LOCAL_SIZES, "sizes"],
  [LOCAL_CRC, "CRC"],
  [LOCAL_TIME, "date"],
] as const;

const MISMATCHES =
  DIFFERENCES.reduce((bits, [bit]) => bits | bit, 0) |
  LOCAL_MISSING |
  LOCAL_OUTSIDE |
  LOCAL_DAMAGED |
  LOCAL_DESCRIPTOR_WRONG;

function mismatch(bits: number): string {
  if ((bits & LOCAL_OUTSIDE) !== 0) return "reaches into the central directory";
  if ((bits & LOCAL_MISSING) !== 0) return "has no local header where the central directory points";
  if ((bits & LOCAL_DAMAGED) !== 0) return "has a local header whose extra field contradicts itself";
  const other = DIFFERENCES.filter(([bit]) => (bits & bit) !== 0).map(([, what]) => what);
  if (other.length === 0) return "has a data descriptor that contradicts the central directory";
  return `has a different ${other.join(" and ")} in its local header and in the central directory`;
}

export const zipSizes: ArchiveCheck = {
  id: "zip-sizes",
  level: "policy",
  severity: "error",
  title: "stored entries with one size",
  help: "Copy or download the file again; if the original is damaged too, recreate it with another program.",
  set: "zip",
  check: (context) => {
    const { methods, sizes, compressedSizes } = context.archive.directory;
    return perEntry(
      context,
      (index) =>
        methods[index] === METHOD_STORED &&
        sizes[index] !== compressedSizes[index] &&
        !isEncryptedAt(context, index),
      ({ name, size, compressedSize }) =>
        `${name} is stored but has two sizes: ${compressedSize} and ${size} bytes.`,
    );
  },
};

export const dataDescriptor: ArchiveCheck = {
  id: "data-descriptor",
  level: "policy",
  severity: "warning",
  title: "sizes in the local headers",
  help: "Pack it again: without sizes before the data, the archive cannot be read as a stream.",
  set: "rfc9",
  check: (context) => {
    const { flags } = context.archive.directory;
    return perEntry(
      context,
      (index) => ((flags[index] as number) & FLAG_DATA_DESCRIPTOR) !== 0,
      ({ name }) => `${name} has its sizes after its data (general purpose bit 3).`,
      { moves: "data" },
    );
  },
};

export const extraFields: ArchiveCheck = {
  id: "extra-fields",
  level: "policy",
  severity: "info",
  title: "no extra fields except ZIP64's",
  help: "Nothing needs to be done; OME-Zarr does not use dates and owners in extra fields.",
  set: "rfc9",
  check: (context) =>
    perEntry(
      context,
      (index) =>
        ((context.central.extras[index] as number) & EXTRA_FOREIGN) !== 0 ||
        ((context.local.bits[index] as number) & LOCAL_FOREIGN_EXTRA) !== 0,
      ({ name }) => `${name} has an extra field other than ZIP64's.`,
    ),
};

export const extraWellformed: ArchiveCheck = {
  id: "extra-wellformed",
  level: "policy",
  severity: "warning",
  title: "unambiguous extra fields",
  help: "Pack it again, which omits all extra fields except ZIP64's.",
  set: "zip",
  *check(context) {
    const has = (index: number, central: number, local: number): boolean =>
      ((context.central.extras[index] as number) & central) !== 0 ||
      ((context.local.bits[index] as number) & local) !== 0;
    yield* perEntry(
      context,
      (index) => has(index, EXTRA_TWICE, LOCAL_TWICE_EXTRA),
      ({ name }) => `${name} has the same extra field twice.`,
      { moves: "data" },
    );
    yield* perEntry(
      context,
      (index) => has(index, EXTRA_RAGGED, LOCAL_RAGGED_EXTRA),
      ({ name }) => `${name} has bytes in an extra field that belong to no block.`,
      { moves: "data" },
    );
    yield* perEntry(
      context,
      (index) => has(index, 0, LOCAL_OTHER_EXTRA),
      ({ name }) => `${name} has different extra fields in its local header and in the central directory.`,
      { moves: "data" },
    );
    yield* perEntry(
      context,
      (index) =>
        has(index, 0, LOCAL_STALE_UNICODE) || (has(index, EXTRA_UNICODE, 0) && isStale(context, index)),
      ({ name }) => `${name} has a Unicode name or comment that belongs to another name or comment.`,
      { moves: "data" },
    );
  },
};

function isStale({ central }: CheckContext, index: number): boolean {
  return hasStaleUnicode(rawExtra(central, index), rawName(central, index), rawComment(central, index));
}
