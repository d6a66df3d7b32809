import { type DirectoryEntry, entryAt, nameAt } from "../directory/central-directory.js";
import { FLAG_DATA_DESCRIPTOR, isEncrypted, METHOD_DEFLATE, METHOD_STORED } from "../records/flags.js";
import { EXTRA_AES, EXTRA_FOREIGN } from "./extra-blocks.js";
import type { ArchiveFacts } from "./facts.js";
import {
  LOCAL_CRC,
  LOCAL_DAMAGED,
  LOCAL_DESCRIPTOR_WRONG,
  LOCAL_FLAGS,
  LOCAL_FOREIGN_EXTRA,
  LOCAL_METHOD,
  LOCAL_MISSING,
  LOCAL_NAME,
  LOCAL_OUTSIDE,
  LOCAL_SIZES,
  LOCAL_TIME,
} from "./inspect-local.js";
import type { ArchiveCheck, Breach } from "./rule.js";

/** Rules about the two headers that every entry has. */

/** Each entry that `isBroken` names, with what there is to say about it. */
export function* perEntry(
  { archive: { directory } }: ArchiveFacts,
  isBroken: (index: number) => boolean,
  say: (entry: DirectoryEntry) => string,
  rest?: Omit<Breach, "message" | "where">,
): Generator<Breach> {
  for (let index = 0; index < directory.count; index++) {
    if (!isBroken(index)) continue;
    const entry = entryAt(directory, index);
    yield { where: `/${entry.name}`, message: say(entry), ...rest };
  }
}

export const zipLfhMatch: ArchiveCheck = {
  id: "zip-lfh-match",
  level: "policy",
  severity: "error",
  title: "local headers that say what the central directory says",
  help: "Do not trust this file: programs that read the one header see another archive than those that read the other.",
  set: "zip",
  *check(facts) {
    const { directory } = facts.archive;
    for (let index = 0; index < directory.count; index++) {
      const bits = (facts.local.bits[index] as number) & MISMATCHES;
      if (bits === 0) continue;
      const name = nameAt(directory, index);
      const breach = { where: `/${name}`, message: `${name} ${mismatch(bits)}.` };
      // A date decides nothing about the content.
      yield bits === LOCAL_TIME ? { ...breach, severity: "warning" } : breach;
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
  if (other.length === 0) return "has a data descriptor that says something else than the central directory";
  return `has another ${other.join(" and ")} in its local header than in the central directory`;
}

export const zipSizes: ArchiveCheck = {
  id: "zip-sizes",
  level: "policy",
  severity: "error",
  title: "stored entries with one size",
  help: "Copy or download the file again, or write it again with another program.",
  set: "zip",
  check: (facts) => {
    const { methods, sizes, compressedSizes } = facts.archive.directory;
    return perEntry(
      facts,
      (index) =>
        methods[index] === METHOD_STORED &&
        sizes[index] !== compressedSizes[index] &&
        !isEncryptedAt(facts, index),
      ({ name, size, compressedSize }) =>
        `${name} is stored and yet has two sizes: ${compressedSize} and ${size} bytes.`,
    );
  },
};

/** The newest version that APPNOTE 4.4.3.2 gives a meaning, 6.3. */
const NEWEST_VERSION = 63;

export const zipVersion: ArchiveCheck = {
  id: "zip-version",
  level: "policy",
  severity: "warning",
  title: "entries that ask for a version of ZIP that exists",
  help: "Pack it again: some programs refuse entries that they think are too new for them.",
  set: "zip",
  check: (facts) => {
    const { view, starts } = facts.central;
    return perEntry(
      facts,
      (index) => view.getUint8((starts[index] as number) + 6) > NEWEST_VERSION,
      ({ name }) => `${name} asks for a newer version of ZIP than there is.`,
      { moves: "data" },
    );
  },
};

export const zipMethod: ArchiveCheck = {
  id: "zip-method",
  level: "policy",
  severity: "error",
  title: "compression methods that every reader knows",
  help: 'Unpack it with the program that wrote it and pack it again without compression, as with "zip -0".',
  set: "zip",
  check: (facts) => {
    const { methods } = facts.archive.directory;
    return perEntry(
      facts,
      (index) =>
        methods[index] !== METHOD_STORED && methods[index] !== METHOD_DEFLATE && !isEncryptedAt(facts, index),
      ({ name, method }) => `${name} is compressed with method ${method}, which few programs can read.`,
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
  check: (facts) => {
    const { methods } = facts.archive.directory;
    return perEntry(
      facts,
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
  check: (facts) =>
    perEntry(
      facts,
      (index) => isEncryptedAt(facts, index),
      ({ name }) => `${name} is encrypted.`,
      { moves: "data" },
    ),
};

function isEncryptedAt({ archive: { directory }, central }: ArchiveFacts, index: number): boolean {
  const entry = { flags: directory.flags[index] as number, method: directory.methods[index] as number };
  return isEncrypted(entry) || ((central.extras[index] as number) & EXTRA_AES) !== 0;
}

export const dataDescriptor: ArchiveCheck = {
  id: "data-descriptor",
  level: "policy",
  severity: "warning",
  title: "sizes in the local headers",
  help: "Pack it again: without sizes before the data nobody can read the archive from its start on.",
  set: "rfc9",
  check: (facts) => {
    const { flags } = facts.archive.directory;
    return perEntry(
      facts,
      (index) => ((flags[index] as number) & FLAG_DATA_DESCRIPTOR) !== 0,
      ({ name }) => `${name} has its sizes behind its data (general purpose bit 3).`,
      { moves: "data" },
    );
  },
};

export const extraFields: ArchiveCheck = {
  id: "extra-fields",
  level: "policy",
  severity: "info",
  title: "no extra fields but ZIP64's",
  help: "Nothing needs to be done; dates and owners in extra fields are of no use to OME-Zarr.",
  set: "rfc9",
  check: (facts) =>
    perEntry(
      facts,
      (index) =>
        ((facts.central.extras[index] as number) & EXTRA_FOREIGN) !== 0 ||
        ((facts.local.bits[index] as number) & LOCAL_FOREIGN_EXTRA) !== 0,
      ({ name }) => `${name} has an extra field other than ZIP64's.`,
    ),
};
