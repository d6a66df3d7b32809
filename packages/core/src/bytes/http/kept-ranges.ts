/** Ranges of a file that were read, the last ones first. */
export interface KeptRanges {
  /** A copy of what was read of a range, where all of it was read at once. */
  find(start: number, length: number): Uint8Array | undefined;
  keep(start: number, bytes: Uint8Array): void;
}

/** What a range counts at least, so that very small ones are never many. */
const LEAST = 4 * 1024;

/**
 * Keeps ranges up to a budget in bytes and forgets those that were not asked for the longest. What is kept is
 * given out as copies only: what a reader gets it may change, or hand to another thread.
 */
export function keepRanges(budget: number): KeptRanges {
  /** In the order of their last use. */
  const ranges = new Set<{ readonly start: number; readonly bytes: Uint8Array }>();
  let used = 0;
  const cost = (bytes: Uint8Array): number => Math.max(LEAST, bytes.length);
  return {
    find(start, length) {
      for (const range of ranges) {
        const at = start - range.start;
        if (at < 0 || at + length > range.bytes.length) continue;
        ranges.delete(range);
        ranges.add(range);
        return range.bytes.slice(at, at + length);
      }
      return undefined;
    },
    keep(start, bytes) {
      // One large read must not push out all the small ones that are asked for again and again.
      if (cost(bytes) > budget / 4) return;
      ranges.add({ start, bytes: bytes.slice() });
      used += cost(bytes);
      for (const oldest of ranges) {
        if (used <= budget) break;
        ranges.delete(oldest);
        used -= cost(oldest.bytes);
      }
    },
  };
}
