import type { ReadOptions } from "@ozx/core";
import type { WindowReader } from "./windows.js";

/** Reads IFDs before the chain comes to them, where they lie at equal distances. */
export interface StrideAhead {
  /**
   * Called with the offset of each IFD, before it is read.
   *
   * @param length of the IFD before
   */
  at(offset: number, length: number, options?: ReadOptions): Promise<void> | undefined;
}

/** At smaller distances the window that follows has the next IFD too. */
const LEAST_STRIDE = 128 * 1024;
/** Equal distances that are not a coincidence. */
const LEAST_EQUAL = 3;
const [FEWEST, MOST] = [4, 64];
/** Values that many writers put behind an IFD. */
const BESIDES = 512;

/**
 * Writers of planes that are not compressed put as many bytes between all IFDs. On a server each of these takes a
 * request, and where the next one is, only the one before says. So their places are guessed, and several are read at
 * once: the chain itself decides, and of a wrong guess nothing is used.
 */
export function createStrideAhead(windows: WindowReader): StrideAhead {
  let last = 0;
  let stride = 0;
  let equal = 0;
  let count = FEWEST;
  /** Where the next guesses begin. */
  let next = Number.NaN;
  return {
    at(offset, length, options) {
      const step = offset - last;
      last = offset;
      equal = step === stride ? equal + 1 : 0;
      stride = step;
      if (equal === 0) [count, next] = [FEWEST, Number.NaN];
      const isLikely = equal >= LEAST_EQUAL && stride >= LEAST_STRIDE;
      if (!isLikely || windows.prefetch === undefined || (offset !== next && !Number.isNaN(next)))
        return undefined;
      const offsets = Array.from({ length: count }, (_, k) => offset + k * stride);
      next = offset + count * stride;
      count = Math.min(count * 2, MOST);
      return windows.prefetch(offsets, length + BESIDES, options);
    },
  };
}
