import { differsInForm, foldKey, formatForm } from "@ozx/core/internal";
import {
  type CentralDirectory,
  findEntry,
  hasBytesAt,
  isAscii,
  MARK_SHADOWED,
  nameAt,
  nameBytesAt,
} from "../directory/central-directory.js";
import type { ArchiveCheck } from "./archive-rule.js";
import { NAME_NOT_ASCII } from "./scan-central.js";

/**
 * Rules about names of entries that many systems take for the same one.
 *
 * @module
 */

export const nameCase: ArchiveCheck = {
  id: "name-case",
  level: "policy",
  severity: "warning",
  title: "names that differ by more than case",
  help: "Rename one of them: on many systems they cannot be unpacked to the same folder.",
  set: "zip",
  *check({ archive: { directory } }) {
    for (const [first, second] of clashingNames(directory)) {
      const [a, b] = [nameAt(directory, first), nameAt(directory, second)];
      if (differsInForm(withoutSlash(a), withoutSlash(b))) continue;
      yield {
        where: `/${b}`,
        message: `${JSON.stringify(a)} and ${JSON.stringify(b)} are the same file on many systems.`,
        moves: "data",
      };
    }
    for (const name of filesAndFolders(directory)) {
      yield {
        where: `/${name}`,
        message: `${JSON.stringify(name)} is both a file and a folder.`,
        severity: "error",
      };
    }
  },
};

export const nameForm: ArchiveCheck = {
  id: "name-normal-form",
  level: "policy",
  severity: "warning",
  title: "names that differ by more than their normal form of Unicode",
  help: "Rename one of them: they look the same, and on many systems cannot be unpacked to the same folder.",
  set: "zip",
  *check({ archive: { directory }, names }) {
    if (!names.some((marks) => (marks & NAME_NOT_ASCII) !== 0)) return;
    for (const [first, second] of clashingNames(directory)) {
      const [a, b] = [nameAt(directory, first), nameAt(directory, second)];
      if (!differsInForm(withoutSlash(a), withoutSlash(b))) continue;
      yield {
        where: `/${b}`,
        message: `${formatForm(a)} and ${formatForm(b)} are the same file on many systems.`,
        moves: "data",
      };
    }
  },
};

/** The names of files that other entries are below. */
function* filesAndFolders(directory: CentralDirectory): Generator<string> {
  const found = new Set<string>();
  let last: Uint8Array = new Uint8Array(0);
  for (let index = 0; index < directory.count; index++) {
    const name = nameBytesAt(directory, index);
    const parentBytes = name.subarray(0, Math.max(0, name.lastIndexOf(SLASH, name.length - 2)));
    // Most entries are in the folder of the one before.
    if (hasBytesAt(parentBytes, 0, parentBytes.length, last)) continue;
    last = parentBytes;
    const whole = nameAt(directory, index);
    const parent = whole.slice(0, withoutSlash(whole).lastIndexOf("/"));
    if (last.length === 0) continue;
    for (let folder = parent; folder !== ""; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
      if (findEntry(directory, folder) === undefined || found.has(folder)) continue;
      found.add(folder);
      yield folder;
    }
  }
}

/**
 * Pairs of entries whose names differ only in case, Unicode normalization or a slash at the end. Exact duplicates have
 * their own rule. Names are compared by a hash first, so that only those that may clash are decoded.
 */
function* clashingNames(directory: CentralDirectory): Generator<readonly [number, number]> {
  const { count, marks } = directory;
  const keys = new Float64Array(count);
  for (let index = 0; index < count; index++)
    keys[index] = foldedHash(directory, index) * INDEX_RANGE + index;
  keys.sort();
  for (let from = 0; from < count; ) {
    let to = from + 1;
    while (to < count && hashOf(keys[to] as number) === hashOf(keys[from] as number)) to++;
    if (to - from > 1) {
      const indices = Array.from(keys.subarray(from, to), (key) => key % INDEX_RANGE);
      yield* pairs(
        directory,
        indices.filter((index) => ((marks[index] as number) & MARK_SHADOWED) === 0),
      );
    }
    from = to;
  }
}

/** A number can hold a hash of 26 bits and an index of 27 exactly. */
const INDEX_RANGE = 2 ** 27;
const HASH_BITS = 26;

function hashOf(key: number): number {
  return Math.floor(key / INDEX_RANGE);
}

function* pairs(
  directory: CentralDirectory,
  indices: readonly number[],
): Generator<readonly [number, number]> {
  const seen = new Map<string, number>();
  for (const index of indices) {
    const folded = fold(nameAt(directory, index));
    const first = seen.get(folded);
    if (first === undefined) seen.set(folded, index);
    else yield [first, index];
  }
}

function fold(name: string): string {
  return withoutSlash(foldKey(name));
}

/** The name without a slash at its end, which marks a folder. */
export function withoutSlash(name: string): string {
  return name.endsWith("/") ? name.slice(0, -1) : name;
}

/** FNV-1a of the folded name. */
function foldedHash(directory: CentralDirectory, index: number): number {
  let name = nameBytesAt(directory, index);
  let hash = 0x811c9dc5;
  if (!isAscii(name)) name = ENCODER.encode(fold(nameAt(directory, index)));
  const end = name[name.length - 1] === SLASH ? name.length - 1 : name.length;
  for (let i = 0; i < end; i++) {
    const byte = name[i] as number;
    hash = Math.imul(hash ^ (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> (32 - HASH_BITS);
}

const ENCODER = new TextEncoder();
const SLASH = 0x2f;
