import { flagsFor } from "../directory/names.js";
import type { PlacedEntry } from "../records/central-header.js";
import { MAX_NAME_LENGTH } from "./layout.js";

/** What the central directory will say of an entry, its name apart. */
export interface WrittenEntry {
  readonly size: number;
  readonly crc: number;
  readonly headerOffset: number;
}

/** Entries that were written one behind the other: the name of each, and three numbers in columns. */
export interface EntryColumns {
  /** Throws `RangeError` where a name stands already, or is too long for ZIP. */
  refuse(name: string): void;
  add(name: string, entry: WrittenEntry): void;
  /** The names of all entries, in the order they were added in. */
  names(): readonly string[];
  /** What the headers say of an entry that was added. */
  entry(name: string): PlacedEntry;
}

export type NameOrder = (names: readonly string[]) => readonly string[];

export function createEntryColumns(): EntryColumns {
  const indices = new Map<string, number>();
  const encoder = new TextEncoder();
  let capacity = 1024;
  let sizes = new Float64Array(capacity);
  let headerOffsets = new Float64Array(capacity);
  let crcs = new Uint32Array(capacity);
  const grow = (): void => {
    capacity *= 2;
    const [oldSizes, oldOffsets, oldCrcs] = [sizes, headerOffsets, crcs];
    sizes = new Float64Array(capacity);
    sizes.set(oldSizes);
    headerOffsets = new Float64Array(capacity);
    headerOffsets.set(oldOffsets);
    crcs = new Uint32Array(capacity);
    crcs.set(oldCrcs);
  };
  return {
    refuse(name) {
      if (indices.has(name)) throw new RangeError(`${JSON.stringify(name)} is to be written twice`);
      // UTF-8 takes three bytes at most for what is one unit in a string.
      if (name.length * 3 <= MAX_NAME_LENGTH) return;
      const { length } = encoder.encode(name);
      if (length > MAX_NAME_LENGTH)
        throw new RangeError(`a name of ${length} bytes is too long for a zip entry`);
    },
    add(name, { size, crc, headerOffset }) {
      const index = indices.size;
      if (index === capacity) grow();
      indices.set(name, index);
      sizes[index] = size;
      crcs[index] = crc;
      headerOffsets[index] = headerOffset;
    },
    names: () => [...indices.keys()],
    entry(name) {
      const index = indices.get(name) as number;
      const encoded = encoder.encode(name);
      return {
        name: encoded,
        flags: flagsFor(encoded),
        size: sizes[index] as number,
        crc: crcs[index] as number,
        headerOffset: headerOffsets[index] as number,
      };
    },
  };
}
