/**
 * Typed arrays that grow while a directory is parsed. Their memory depends on the entries that were read, not on the
 * count that an archive claims, which only limits how much is reserved ahead.
 *
 * @module
 */

import { RecordError } from "../records/fields.js";
import { hasBytesAt, MARK_SHADOWED } from "./central-directory.js";

type Allocate = (bytes: number) => ArrayBufferLike;

/** Allocates the memory of columns: `SharedArrayBuffer`s where threads are to share them. */
export function allocator(shared: boolean): Allocate {
  return shared ? (bytes) => new SharedArrayBuffer(bytes) : (bytes) => new ArrayBuffer(bytes);
}

/** The columns with one value for each entry. */
interface GrowingColumns {
  nameEnds: Uint32Array;
  headerOffsets: Float64Array;
  compressedSizes: Float64Array;
  sizes: Float64Array;
  crcs: Uint32Array;
  methods: Uint16Array;
  flags: Uint16Array;
  marks: Uint8Array;
  /** Hashes of the names. */
  hashes: Uint32Array;
}

/** Columns of `rows` rows, with as many rows of `from` as fit copied into them. */
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

/** An array of `size` bytes, with as many bytes of `from` as fit copied into it. */
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

/** The columns that the hash table of names is built from. */
interface NameColumns {
  readonly names: Uint8Array;
  readonly nameEnds: Uint32Array;
  readonly marks: Uint8Array;
  readonly hashes: Uint32Array;
}

/** The size of the hash table: a power of two, and two to four slots for each entry, so that probes stay short. */
export function slotCount(count: number): number {
  let slots = 2;
  while (slots < count * 2) slots *= 2;
  return slots;
}

/** Probes for each entry, on average, before the names are rejected; names that were not chosen to collide need one. */
const MAX_STEPS = 64;

/**
 * Puts the first `count` names into an empty hash table, and marks those that a later one shadows.
 *
 * @throws RecordError when the names were chosen to collide
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
      // Hashes are compared first: names are far away in memory, and most that share a slot differ in their hash.
      if (hashes[other - 1] === hash) {
        const otherStart = other === 1 ? 0 : (nameEnds[other - 2] as number);
        if (hasBytesAt(names, otherStart, nameEnds[other - 1] as number, names.subarray(start, end))) {
          marks[other - 1] = (marks[other - 1] as number) | MARK_SHADOWED;
          break;
        }
      }
      slot = (slot + 1) & mask;
      if (++steps > (count + 1024) * MAX_STEPS) {
        throw new RecordError("the names of its entries were chosen to make look-ups slow");
      }
    }
    slots[slot] = i + 1;
    start = end;
  }
}
