import {
  type AbsolutePath,
  CorruptDataError,
  type EarlierMade,
  resolveRange,
  type SinkJournal,
  type Store,
} from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { writtenLocalHeaderSize } from "../records/local-header.js";
import type { WrittenEntry } from "./entry-columns.js";

/** A made entry that is written, and what the central directory will say of it. */
export interface MadeRow extends WrittenEntry {
  readonly name: string;
}

/** What a journal says of a made entry; where it lies is told by those before. */
export type NotedRow = Pick<MadeRow, "name" | "size" | "crc">;

/** Whether part of a note is of a made entry. */
export function isNotedRow(part: unknown): part is NotedRow {
  const { name, size, crc } = (part ?? {}) as Record<string, unknown>;
  return typeof name === "string" && isCount(size) && isCount(crc) && crc <= 0xffff_ffff;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Where an entry ends, and the next one starts. */
export function endOfRow({ name, size, headerOffset }: MadeRow): number {
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
export function placeRows(
  noted: Iterable<NotedRow>,
  start: number,
  owns: (name: string) => boolean,
): MadeRow[] {
  const rows: MadeRow[] = [];
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
export function earlierMade(
  rows: readonly MadeRow[],
  sinkName: string,
  journal: SinkJournal,
): EarlierMade | undefined {
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
