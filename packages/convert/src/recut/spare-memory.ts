/** Memory that is used again, since nobody knows when an engine frees what threads have seen. */
export interface SpareMemory {
  /** Memory in which there may be anything. */
  take(bytes: number): ArrayBufferLike;
  /** Takes memory back that nobody uses any more. */
  give(buffer: ArrayBufferLike): void;
}

/**
 * @param allocate makes new memory
 * @param most bytes that wait for others: of sizes that were not wanted for the longest time, memory is left to the engine
 */
export function createSpareMemory(
  allocate: (bytes: number) => ArrayBufferLike,
  most: number = Number.POSITIVE_INFINITY,
): SpareMemory {
  // The sizes that were wanted last are at the end.
  const free = new Map<number, ArrayBufferLike[]>();
  let waiting = 0;
  const spareOf = (bytes: number): ArrayBufferLike[] => {
    const spare = free.get(bytes) ?? [];
    free.delete(bytes);
    free.set(bytes, spare);
    return spare;
  };
  return {
    take(bytes) {
      const buffer = spareOf(bytes).pop();
      if (buffer === undefined) return allocate(bytes);
      waiting -= bytes;
      return buffer;
    },
    give(buffer) {
      const { byteLength } = buffer;
      spareOf(byteLength).push(buffer);
      waiting += byteLength;
      for (const [bytes, spare] of free) {
        while (waiting > most && spare.pop() !== undefined) waiting -= bytes;
        if (waiting <= most) break;
        free.delete(bytes);
      }
    },
  };
}
