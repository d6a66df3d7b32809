import {
  type AbsolutePath,
  CorruptDataError,
  type EarlierGenerated,
  resolveRange,
  type SinkJournal,
  type Store,
} from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { flagsFor } from "../directory/central-directory.js";
import type { LocatedEntry } from "../records/central-header.js";
import { writtenLocalHeaderSize } from "../records/local-header.js";
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
  entry(name: string): LocatedEntry;
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

/** A made entry that is written, and what the central directory will say of it. */
export interface GeneratedRow extends WrittenEntry {
  readonly name: string;
}

/** What a journal says of a made entry; where it lies is told by those before. */
export type RecordedRow = Pick<GeneratedRow, "name" | "size" | "crc">;

/** Whether part of a note is of a made entry. */
export function isRecordedRow(part: unknown): part is RecordedRow {
  const { name, size, crc } = (part ?? {}) as Record<string, unknown>;
  return typeof name === "string" && isCount(size) && isCount(crc) && crc <= 0xffff_ffff;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Where an entry ends, and the next one starts. */
export function endOfRow({ name, size, headerOffset }: GeneratedRow): number {
  return headerOffset + headerSize(name) + size;
}

function headerSize(name: string): number {
  return writtenLocalHeaderSize(encoder.encode(name).length);
}

const encoder = new TextEncoder();

/**
 * Places made entries one behind the other, as far as they can be those of this archive.
 *
 * @param start where the first of them lies
 */
export function locateRows(
  noted: Iterable<RecordedRow>,
  start: number,
  owns: (name: string) => boolean,
): GeneratedRow[] {
  const rows: GeneratedRow[] = [];
  const names = new Set<string>();
  let headerOffset = start;
  for (const { name, size, crc } of noted) {
    if (names.has(name) || !owns(name)) break;
    names.add(name);
    const row = { name, size, crc, headerOffset };
    rows.push(row);
    headerOffset = endOfRow(row);
  }
  return rows;
}

/** Entries that are written as those who make the others read them; undefined where there is none. */
export function readGeneratedRows(
  rows: readonly GeneratedRow[],
  sinkName: string,
  journal: SinkJournal,
): EarlierGenerated | undefined {
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  const byName = new Map(rows.map((row) => [row.name, row]));
  const damaged = (path: AbsolutePath): CorruptDataError =>
    new CorruptDataError(
      `${path.slice(1)} is not what was written of ${sinkName}: remove what the earlier run left, and start anew`,
      { location: sinkName, path },
    );
  const read: Store["getRange"] = async (key, range, options) => {
    const row = byName.get(key.slice(1));
    if (row === undefined) return undefined;
    const { offset, length } = resolveRange(range, row.size);
    const position = row.headerOffset + headerSize(row.name) + offset;
    const bytes = await journal.read(position, length, options);
    const isWhole = length === row.size;
    if (bytes.length !== length || (isWhole && crc32(bytes) !== row.crc)) throw damaged(key);
    return bytes;
  };
  return {
    last: `/${last.name}`,
    done: { entries: rows.length, bytes: rows.reduce((sum, { size }) => sum + size, 0) },
    values: {
      get: (key, options) => read(key, { suffixLength: Number.MAX_SAFE_INTEGER }, options),
      getRange: read,
    },
  };
}
