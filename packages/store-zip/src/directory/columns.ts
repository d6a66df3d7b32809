/**
 * Typed arrays that grow while a directory is being parsed. What they take depends on the entries that really
 * came, never on the count that an archive claims: that only says up to where room is made ahead, which costs
 * nothing until it is used.
 *
 * @module
 */

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
