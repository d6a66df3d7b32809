import { type CentralDirectory, MARK_SHADOWED, nameAt, nameBytesAt } from "../directory/central-directory.js";
import { isAscii } from "../directory/names.js";

/**
 * Pairs of entries whose names are one name where case and Unicode's ways to write a letter do not count, or
 * where one is the folder that the other is a file of. Entries of exactly one name are duplicates and no pair.
 *
 * Names are compared by a hash first, so that the millions that clash with nothing are never made to strings.
 */
export function* clashingNames(directory: CentralDirectory): Generator<readonly [number, number]> {
  const { count, marks } = directory;
  const keys = new Float64Array(count);
  for (let index = 0; index < count; index++) keys[index] = foldedHash(directory, index) * INDEX_ROOM + index;
  keys.sort();
  for (let from = 0; from < count; ) {
    let to = from + 1;
    while (to < count && hashOf(keys[to] as number) === hashOf(keys[from] as number)) to++;
    if (to - from > 1) {
      const indices = Array.from(keys.subarray(from, to), (key) => key % INDEX_ROOM);
      yield* pairs(
        directory,
        indices.filter((index) => ((marks[index] as number) & MARK_SHADOWED) === 0),
      );
    }
    from = to;
  }
}

/** A number holds a hash of 26 bits and an index of 27 exactly. */
const INDEX_ROOM = 2 ** 27;
const HASH_BITS = 26;

function hashOf(key: number): number {
  return Math.floor(key / INDEX_ROOM);
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
  return withoutSlash(name.normalize("NFC").toLowerCase());
}

function withoutSlash(name: string): string {
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
