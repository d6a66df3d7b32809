import type { ByteSource, ReadOptions } from "@ozx/core";
import { LONGEST_CENTRAL_HEADER } from "../records/central-header.js";
import { readBytes } from "./entry-data.js";

/** Bytes in memory at once. */
const WINDOW = 4 * 1024 * 1024;

/** Whether a record may start at `at`. */
type MayStart = (bytes: Uint8Array, at: number) => boolean;

/** A part of a file, in which records are looked for. */
export interface ScanWindow {
  /**
   * The next position, from `from` on and before `until`, where a signature starts (`PK` and two bytes below 9) and a record
   * may be.
   *
   * @returns undefined if there is none
   */
  find(from: number, until: number, mayStart: MayStart): Promise<number | undefined>;
  /** The bytes from a position that `find` has returned, at least as many as a record has. */
  bytesAt(offset: number): Uint8Array;
  /** The position in the file of a byte that {@link MayStart} looks at. */
  offsetOf(at: number): number;
}

/** A window over a file. It awaits once for some megabytes, since a file may have millions of signatures. */
export function createScanWindow(source: ByteSource, options?: ReadOptions): ScanWindow {
  let start = 0;
  let bytes = new Uint8Array(0);
  const isLast = (): boolean => start + bytes.length === source.size;
  const load = async (offset: number): Promise<void> => {
    options?.signal?.throwIfAborted();
    const end = Math.min(source.size, offset + WINDOW);
    const loaded = new Uint8Array(end - offset);
    for (let at = offset; at < end; at += READ) {
      loaded.set(await readBytes(source, at, Math.min(READ, end - at), options), at - offset);
    }
    start = offset;
    bytes = loaded;
  };
  return {
    async find(from, until, mayStart) {
      for (let at = from; at + SIGNATURE <= until; ) {
        const isHere = at >= start && at < start + bytes.length;
        if (!isHere || (!isLast() && at + LONGEST_CENTRAL_HEADER >= start + bytes.length)) await load(at);
        // Records are looked at where all of them is in memory. None is longer than a central header.
        const whole = isLast() ? bytes.length : bytes.length - LONGEST_CENTRAL_HEADER;
        const found = findSignature(bytes, at - start, Math.min(whole, until - start), mayStart);
        if (found !== undefined) return start + found;
        at = start + whole;
      }
      return undefined;
    },
    bytesAt: (offset) => bytes.subarray(offset - start),
    offsetOf: (at) => start + at,
  };
}

const READ = 1024 * 1024;
const SIGNATURE = 4;
const P = 0x50;
const K = 0x4b;

/** The first signature that starts at `from..until`; its own bytes may lie beyond. */
function findSignature(
  bytes: Uint8Array,
  from: number,
  until: number,
  mayStart: MayStart,
): number | undefined {
  for (let at = bytes.indexOf(P, from); at >= 0 && at < until; at = bytes.indexOf(P, at + 1)) {
    if (bytes[at + 1] !== K || (bytes[at + 2] as number) > 8 || (bytes[at + 3] as number) > 8) continue;
    if (at + SIGNATURE <= bytes.length && mayStart(bytes, at)) return at;
  }
  return undefined;
}
