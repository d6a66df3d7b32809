import { onAbort } from "../concurrency.js";

/** The largest gap between two reads of one request: fetching it costs about as much as another request. */
const MAX_GAP = 32 * 1024;
/** Requests are merged up to this size, and beyond it only as long as about `IN_FLIGHT` of them remain. */
const MIN_MERGED = 512 * 1024;
const IN_FLIGHT = 6;
/** The largest merged request. */
const MAX_MERGED = 4 * 1024 * 1024;

/** A read that waits for a request. */
export interface PendingRead {
  readonly start: number;
  readonly length: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/** A range to request, and the reads that it answers. */
export interface CoalescedRead {
  readonly start: number;
  readonly length: number;
  readonly reads: readonly PendingRead[];
}

/** Merges reads of neighbouring ranges into fewer requests. */
export function coalesceReads(reads: readonly PendingRead[]): CoalescedRead[] {
  const total = reads.reduce((sum, { length }) => sum + length, 0);
  const most = Math.min(Math.max(MIN_MERGED, Math.ceil(total / IN_FLIGHT)), MAX_MERGED);
  const merged: { start: number; length: number; reads: PendingRead[] }[] = [];
  for (const read of [...reads].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    const end = read.start + read.length;
    if (
      last !== undefined &&
      read.start - (last.start + last.length) <= MAX_GAP &&
      Math.max(end, last.start + last.length) - last.start <= most
    ) {
      last.length = Math.max(last.length, end - last.start);
      last.reads.push(read);
    } else {
      merged.push({ start: read.start, length: read.length, reads: [read] });
    }
  }
  return merged;
}

/** A request that has been sent, and the reads that wait for it. */
export interface InFlightRequest {
  readonly start: number;
  readonly length: number;
  /** Aborts when no read waits any more. */
  readonly signal: AbortSignal;
  /** Adds a read. False where its range is not covered, or the request has been aborted. */
  coalesce(read: PendingRead): boolean;
  /** Answers all reads. */
  resolve(bytes: Uint8Array): void;
  reject(reason: unknown): void;
}

/** An in-flight request for a range, which reads may join until it is answered. */
export function createInFlightRequest({ start, length, reads: first }: CoalescedRead): InFlightRequest {
  const controller = new AbortController();
  const reads: PendingRead[] = [];
  const listeners: (() => void)[] = [];
  const abortIfUnused = (): void => {
    const last = reads.at(-1)?.signal;
    if (reads.every(({ signal }) => signal?.aborted)) controller.abort(last?.reason);
  };
  const add = (read: PendingRead): void => {
    reads.push(read);
    if (read.signal?.aborted) abortIfUnused();
    else if (read.signal !== undefined) listeners.push(onAbort(read.signal, abortIfUnused));
  };
  for (const read of first) add(read);
  const removeListeners = (): void => {
    for (const remove of listeners) remove();
  };
  return {
    start,
    length,
    signal: controller.signal,
    coalesce(read) {
      const fits = read.start >= start && read.start + read.length <= start + length;
      if (!fits || controller.signal.aborted) return false;
      add(read);
      return true;
    },
    resolve(bytes) {
      removeListeners();
      // Each caller gets its own copy, which it may change or transfer to another thread.
      const alone = reads.length === 1 && reads[0]?.length === length;
      for (const read of reads) {
        const at = read.start - start;
        read.resolve(alone ? bytes : bytes.slice(at, at + read.length));
      }
    },
    reject(reason) {
      removeListeners();
      for (const read of reads) read.reject(reason);
    },
  };
}

/** A cache of ranges of a file. */
export interface RangeCache {
  /** A copy of the range, where a single cached range covers it. */
  get(start: number, length: number): Uint8Array | undefined;
  /** Caches a copy of the range. */
  add(start: number, bytes: Uint8Array): void;
}

/** The least that a range counts for, which bounds the number of very small ones. */
const LEAST_COST = 4 * 1024;

/**
 * A cache that evicts the least recently used ranges. It stores and returns copies, which callers may change or
 * transfer to another thread.
 *
 * @param budget in bytes
 */
export function createRangeCache(budget: number): RangeCache {
  /** The least recently used first. */
  const ranges = new Set<{ readonly start: number; readonly bytes: Uint8Array }>();
  let used = 0;
  const cost = (bytes: Uint8Array): number => Math.max(LEAST_COST, bytes.length);
  return {
    get(start, length) {
      for (const range of ranges) {
        const at = start - range.start;
        if (at < 0 || at + length > range.bytes.length) continue;
        ranges.delete(range);
        ranges.add(range);
        return range.bytes.slice(at, at + length);
      }
      return undefined;
    },
    add(start, bytes) {
      // One large range must not evict the many small ones that are read again and again.
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
