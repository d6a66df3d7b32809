/** Bytes between two reads that are fetched along rather than asked for apart: about what a request costs. */
const MAX_GAP = 32 * 1024;
/** Requests of this size are not merged further where that would leave fewer than these, so that several are in flight. */
const MIN_MERGED = 512 * 1024;
const IN_FLIGHT = 6;
/** No request is merged beyond this. */
const MAX_MERGED = 4 * 1024 * 1024;

/** A read that waits to be sent. */
export interface WaitingRead {
  readonly start: number;
  readonly length: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/** Reads that are answered by one request. */
export interface MergedRead {
  readonly start: number;
  readonly length: number;
  readonly reads: readonly WaitingRead[];
}

/** Puts reads of neighbouring ranges together. */
export function mergeReads(reads: readonly WaitingRead[]): MergedRead[] {
  const total = reads.reduce((sum, { length }) => sum + length, 0);
  const most = Math.min(Math.max(MIN_MERGED, Math.ceil(total / IN_FLIGHT)), MAX_MERGED);
  const merged: { start: number; length: number; reads: WaitingRead[] }[] = [];
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
