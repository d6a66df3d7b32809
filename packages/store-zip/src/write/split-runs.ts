import { type RunRange, splitByWork } from "@ozx/core";
import type { ZipLayout } from "./layout.js";

/**
 * What an entry costs besides its bytes (opening, closing, a header), as bytes that are copied in the same time.
 */
const ENTRY_COST = 32 * 1024;
const RUN_SIZES = { least: 2 * 1024 * 1024, most: 128 * 1024 * 1024 };

/** How much work the entries of a layout are, in bytes that are copied in the same time. */
export function workOf({ count, sizes }: ZipLayout): number {
  return sizes.reduce((sum, size) => sum + size, count * ENTRY_COST);
}

/** Splits a layout into runs of about equal work, in the order of the archive. */
export function splitRuns({ count, sizes }: ZipLayout): RunRange[] {
  return splitByWork(count, (index) => (sizes[index] as number) + ENTRY_COST, RUN_SIZES);
}
