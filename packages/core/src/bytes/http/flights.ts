import { onAbort } from "../on-abort.js";
import type { MergedRead, WaitingRead } from "./merge-reads.js";

/** A request that is on its way, and the reads that wait for it. */
export interface Flight {
  readonly start: number;
  readonly length: number;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Lets a read wait along. False where it asks for more than comes, or the request was given up already. */
  join(read: WaitingRead): boolean;
  resolve(bytes: Uint8Array): void;
  reject(reason: unknown): void;
}

export function createFlight({ start, length, reads: first }: MergedRead): Flight {
  const controller = new AbortController();
  const reads: WaitingRead[] = [];
  const ends: (() => void)[] = [];
  const giveUp = (): void => {
    const last = reads.at(-1)?.signal;
    if (reads.every(({ signal }) => signal?.aborted)) controller.abort(last?.reason);
  };
  const board = (read: WaitingRead): void => {
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
    join(read) {
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
