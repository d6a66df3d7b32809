/**
 * Typed arrays that grow while a directory is being parsed. What they take depends on the entries that really
 * came, never on the count that an archive claims: that only says up to where room is made ahead, which costs
 * nothing until it is used.
 *
 * @module
 */

import { RecordError } from "../records/fields.js";
import { equalBytes, MARK_SHADOWED } from "./central-directory.js";

/** Makes the memory of columns: `SharedArrayBuffer`s where threads are to share them. */
export type Allocate = (bytes: number) => ArrayBufferLike;

export function allocator(shared: boolean): Allocate {
  return shared ? (bytes) => new SharedArrayBuffer(bytes) : (bytes) => new ArrayBuffer(bytes);
}

/** The columns that have a value for each entry. */
export interface GrowingColumns {
  nameEnds: Uint32Array;
  headerOffsets: Float64Array;
  compressedSizes: Float64Array;
  sizes: Float64Array;
  crcs: Uint32Array;
  methods: Uint16Array;
  flags: Uint16Array;
  marks: Uint8Array;
  /** Of the names, for the table that they are looked up in. */
  hashes: Uint32Array;
}

/** Columns of `rows` rows with what is in the first rows of others. */
export function resizeColumns(
  rows: number,
  allocate: Allocate,
  from: GrowingColumns | undefined,
): GrowingColumns {
  return {
    nameEnds: fill(new Uint32Array(allocate(rows * 4)), from?.nameEnds),
    headerOffsets: fill(new Float64Array(allocate(rows * 8)), from?.headerOffsets),
    compressedSizes: fill(new Float64Array(allocate(rows * 8)), from?.compressedSizes),
    sizes: fill(new Float64Array(allocate(rows * 8)), from?.sizes),
    crcs: fill(new Uint32Array(allocate(rows * 4)), from?.crcs),
    methods: fill(new Uint16Array(allocate(rows * 2)), from?.methods),
    flags: fill(new Uint16Array(allocate(rows * 2)), from?.flags),
    marks: fill(new Uint8Array(allocate(rows)), from?.marks),
    hashes: fill(new Uint32Array(rows), from?.hashes),
  };
}

/** Bytes of `size` with what is in the first bytes of others. */
export function resizeBytes(size: number, allocate: Allocate, from: Uint8Array): Uint8Array {
  return fill(new Uint8Array(allocate(size)), from);
}

interface Column {
  readonly length: number;
  set(from: this): void;
  subarray(start: number, end: number): this;
}

function fill<T extends Column>(target: T, from: T | undefined): T {
  if (from !== undefined) target.set(from.subarray(0, Math.min(from.length, target.length)));
  return target;
}

/** What the table of names is made of. */
export interface NameColumns {
  readonly names: Uint8Array;
  readonly nameEnds: Uint32Array;
  readonly marks: Uint8Array;
  readonly hashes: Uint32Array;
}

/** Two to four slots an entry, so that probes stay short. */
export function slotCount(count: number): number {
  let slots = 2;
  while (slots < count * 2) slots *= 2;
  return slots;
}

/** Steps an entry that the search for a free slot may take on average; names that were not made to collide take one. */
const MAX_STEPS = 64;

/**
 * Puts the first `count` names into an empty table, and marks those that a later one shadows.
 *
 * @throws RecordError when the names were chosen so that this takes forever
 */
export function fillSlots(count: number, columns: NameColumns, slots: Uint32Array): void {
  const { names, nameEnds, marks, hashes } = columns;
  const mask = slots.length - 1;
  let steps = 0;
  for (let i = 0, start = 0; i < count; i++) {
    const end = nameEnds[i] as number;
    const hash = hashes[i] as number;
    let slot = hash & mask;
    for (let other = slots[slot] as number; other !== 0; other = slots[slot] as number) {
      // Nearly all that meet in a slot differ in their hashes already; names lie far away in memory.
      if (hashes[other - 1] === hash) {
        const otherStart = other === 1 ? 0 : (nameEnds[other - 2] as number);
        if (equalBytes(names, otherStart, nameEnds[other - 1] as number, names, start, end)) {
          marks[other - 1] = (marks[other - 1] as number) | MARK_SHADOWED;
          break;
        }
      }
      slot = (slot + 1) & mask;
      if (++steps > (count + 1024) * MAX_STEPS) {
        throw new RecordError("its names were chosen so that looking them up takes forever");
      }
    }
    slots[slot] = i + 1;
    start = end;
  }
}
