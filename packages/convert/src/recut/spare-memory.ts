/** Memory that is used again, since nobody knows when an engine frees what threads have seen. */
export interface SpareMemory {
  /** Memory in which there may be anything. */
  take(bytes: number): ArrayBufferLike;
  /** Takes memory back that nobody uses any more. */
  give(buffer: ArrayBufferLike): void;
}

/** Buffers of one size that wait for others. */
const MOST_SPARE = 16;

/** @param allocate makes new memory */
export function createSpareMemory(allocate: (bytes: number) => ArrayBufferLike): SpareMemory {
  const free = new Map<number, ArrayBufferLike[]>();
  return {
    take: (bytes) => free.get(bytes)?.pop() ?? allocate(bytes),
    give(buffer) {
      const spare = free.get(buffer.byteLength) ?? [];
      free.set(buffer.byteLength, spare);
      if (spare.length < MOST_SPARE) spare.push(buffer);
    },
  };
}
