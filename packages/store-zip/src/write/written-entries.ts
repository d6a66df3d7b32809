import type { AbsolutePath, ReadOptions } from "@ozx/core";
import type { EarlierGenerated } from "@ozx/core/container";
import type { FinishedEntry } from "@ozx/core/internal";
import { flagsFor } from "../directory/central-directory.js";
import type { LocatedEntry } from "../records/central-header.js";
import { MAX_TEXT_LENGTH } from "../records/fields.js";
import { writtenLocalHeaderSize } from "../records/local-header.js";
import { duplicateName, refuseLongName } from "./layout.js";

/** What the central directory will say about a stored entry, besides its name. */
interface WrittenEntry {
  /** Bytes of its data. */
  readonly size: number;
  readonly crc: number;
  readonly headerOffset: number;
}

/** The entries that were written so far: the name of each, and its numbers in columns. */
export interface EntryColumns {
  /** @throws RangeError for a name that was added before, or is too long for ZIP */
  refuse(name: string): void;
  add(name: string, entry: WrittenEntry): void;
  /** The names of all entries, in the order in which they were added. */
  names(): readonly string[];
  /** What the headers say about an entry that was added. */
  entry(name: string): LocatedEntry;
}

/** Sorts the names of all entries for the central directory. */
export type NameOrder = (
  names: readonly string[],
  options?: ReadOptions,
) => readonly string[] | Promise<readonly string[]>;

/** Columns without entries. */
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
      if (indices.has(name)) throw duplicateName(name);
      // A UTF-16 unit becomes at most three bytes, so short names need not be encoded.
      if (name.length * 3 > MAX_TEXT_LENGTH) refuseLongName(encoder.encode(name).length);
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

/** A generated entry that was written, and what the central directory will say about it. */
export interface GeneratedRow extends WrittenEntry {
  readonly name: string;
}

/** The position at which an entry ends and the next one starts. */
export function endOfRow({ name, size, headerOffset }: GeneratedRow): number {
  return headerOffset + headerSize(name) + size;
}

function headerSize(name: string): number {
  return writtenLocalHeaderSize(encoder.encode(name).length);
}

const encoder = new TextEncoder();

/**
 * The positions of recorded generated entries, which are contiguous in the archive. Stops at the first that cannot be of
 * this archive.
 *
 * @param start where the first of them starts
 * @param owns whether the entry of a key is generated for this archive
 */
export function locateRows(
  recorded: Iterable<FinishedEntry>,
  start: number,
  owns: (key: AbsolutePath) => boolean,
): GeneratedRow[] {
  const rows: GeneratedRow[] = [];
  const keys = new Set<AbsolutePath>();
  let headerOffset = start;
  for (const { key, size, crc } of recorded) {
    if (crc === undefined || keys.has(key) || !owns(key)) break;
    keys.add(key);
    const row = { name: key.slice(1), size, crc, headerOffset };
    rows.push(row);
    headerOffset = endOfRow(row);
  }
  return rows;
}

/** The last of the generated entries that an earlier run has written, and how many they are; undefined for none. */
export function earlierGenerated(rows: readonly GeneratedRow[]): EarlierGenerated | undefined {
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  return { last: `/${last.name}`, done: { entries: rows.length, bytes } };
}
