import { onAbort } from "../concurrency.js";

/** Bytes between two reads that are fetched along rather than asked for apart: about what a request costs. */
const MAX_GAP = 32 * 1024;
/** Requests of this size are not merged further where that would leave fewer than these, so that several are in flight. */
const MIN_MERGED = 512 * 1024;
const IN_FLIGHT = 6;
/** No request is merged beyond this. */
const MAX_MERGED = 4 * 1024 * 1024;

/** A read that waits to be sent. */
export interface PendingRead {
  readonly start: number;
  readonly length: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/** Reads that are answered by one request. */
export interface CoalescedRead {
  readonly start: number;
  readonly length: number;
  readonly reads: readonly PendingRead[];
}

/** Puts reads of neighbouring ranges together. */
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

/** A request that is on its way, and the reads that wait for it. */
export interface InFlightRequest {
  readonly start: number;
  readonly length: number;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Lets a read wait along. False where it asks for more than comes, or the request was given up already. */
  coalesce(read: PendingRead): boolean;
  resolve(bytes: Uint8Array): void;
  reject(reason: unknown): void;
}

export function createInFlightRequest({ start, length, reads: first }: CoalescedRead): InFlightRequest {
  const controller = new AbortController();
  const reads: PendingRead[] = [];
  const ends: (() => void)[] = [];
  const giveUp = (): void => {
    const last = reads.at(-1)?.signal;
    if (reads.every(({ signal }) => signal?.aborted)) controller.abort(last?.reason);
  };
  const board = (read: PendingRead): void => {
    reads.push(read);
    if (read.signal?.aborted) giveUp();
    else if (read.signal !== undefined) ends.push(onAbort(read.signal, giveUp));
  };
  for (const read of first) board(read);
  const land = (): void => {
    for (const end of ends) end();
  };
  return {
    start,
    length,
    signal: controller.signal,
    coalesce(read) {
      const fits = read.start >= start && read.start + read.length <= start + length;
      if (!fits || controller.signal.aborted) return false;
      board(read);
      return true;
    },
    resolve(bytes) {
      land();
      // Each reader gets bytes of its own, which it may change, or hand to another thread.
      const alone = reads.length === 1 && reads[0]?.length === length;
      for (const read of reads) {
        const at = read.start - start;
        read.resolve(alone ? bytes : bytes.slice(at, at + read.length));
      }
    },
    reject(reason) {
      land();
      for (const read of reads) read.reject(reason);
    },
  };
}

/** Ranges of a file that were read, the last ones first. */
export interface RangeCache {
  /** A copy of what was read of a range, where all of it was read at once. */
  get(start: number, length: number): Uint8Array | undefined;
  add(start: number, bytes: Uint8Array): void;
}

/** What a range counts at least, so that very small ones are never many. */
const LEAST_COST = 4 * 1024;

/**
 * Keeps ranges up to a budget in bytes and forgets those that were not asked for the longest. What is kept is
 * given out as copies only: what a reader gets it may change, or hand to another thread.
 */
export function createRangeCache(budget: number): RangeCache {
  /** In the order of their last use. */
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
