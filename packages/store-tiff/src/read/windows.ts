import type { ByteSource, ReadOptions } from "@ozx/core";

/** Reads small pieces of a file through a few windows of it, since IFDs and their values lie close together. */
export interface WindowReader {
  /**
   * At least `length` bytes at `offset`, and what else is known after them; fewer only where the file ends. Undefined
   * where they are not in memory.
   */
  peek(offset: number, length: number): Uint8Array | undefined;
  /** As `peek`, and reads them where they are not in memory. */
  load(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * Reads pieces of a file, all at once, that are likely to be needed next, in place of those of the call before; what
   * lies beyond the end is left out. Present where a read takes long, as a request does.
   */
  prefetch?(offsets: readonly number[], length: number, options?: ReadOptions): Promise<void>;
}

/**
 * The first window, and the largest: it grows while reads move forward through the file without large gaps. A request takes
 * as long as what lies in a gap of the size of a window; a read of a disk is so fast that what is in a gap would cost more.
 */
const SIZES = {
  local: { first: 8 * 1024, largest: 1024 * 1024, gap: 8 * 1024 },
  remote: { first: 64 * 1024, largest: 4 * 1024 * 1024, gap: Infinity },
  oneOfMany: { first: 16 * 1024, largest: 64 * 1024, gap: Infinity },
};
/** How many windows are kept. */
const KEPT = 8;
const KEPT_OF_MANY = 1;

interface Window {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** @param isOneOfMany whether there are many such files, so that each may take little memory */
export function createWindowReader(source: ByteSource, isOneOfMany = false): WindowReader {
  const sizes = source.readSync === undefined ? SIZES.remote : SIZES.local;
  const { first, largest, gap: largestGap } = isOneOfMany ? SIZES.oneOfMany : sizes;
  const kept = isOneOfMany ? KEPT_OF_MANY : KEPT;
  /** The most recent first. */
  let windows: Window[] = [];
  let prefetched: readonly Window[] = [];
  let size = first;
  const partOf = ({ start, bytes }: Window, offset: number, length: number): Uint8Array | undefined => {
    const from = offset - start;
    const isWithin = from >= 0 && (from + length <= bytes.length || start + bytes.length === source.size);
    return isWithin && from <= bytes.length ? bytes.subarray(from) : undefined;
  };
  const peek = (offset: number, length: number): Uint8Array | undefined => {
    for (const known of [windows, prefetched]) {
      for (const window of known) {
        const part = partOf(window, offset, length);
        if (part !== undefined) return part;
      }
    }
    return undefined;
  };
  return {
    peek,
    async load(offset, length, options) {
      const known = peek(offset, length);
      if (known !== undefined) return known;
      const start = Math.min(offset, source.size);
      const last = windows[0];
      const gap = last === undefined ? Number.NaN : start - (last.start + last.bytes.length);
      size = gap >= -size && gap < Math.min(size, largestGap) ? Math.min(size * 2, largest) : first;
      const end = Math.min(source.size, start + Math.max(length, size));
      const bytes = await readPart(source, start, end - start, options);
      windows = [{ start, bytes }, ...windows].slice(0, kept);
      return bytes;
    },
    ...(source.readSync === undefined && {
      async prefetch(offsets: readonly number[], length: number, options?: ReadOptions) {
        const within = offsets.filter((offset) => offset < source.size);
        prefetched = await Promise.all(
          within.map(async (start) => {
            const end = Math.min(source.size, start + length);
            return { start, bytes: await source.read(start, end - start, options) };
          }),
        );
      },
    }),
  };
}

/** Blocking reads of little are several times faster. */
async function readPart(
  source: ByteSource,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<Uint8Array> {
  if (source.readSync === undefined) return source.read(offset, length, options);
  options?.signal?.throwIfAborted();
  const target = new Uint8Array(length);
  source.readSync(offset, target);
  return target;
}
