import type { StoreOptions } from "@ozx/core";
import { decodeByWorkers as byWorkers } from "@ozx/virtual/decode";
import { decodeRegion, type RegionDecoder } from "../decode/decode-region.js";

/**
 * Decodes regions of tiles and strips by workers, and in this thread what is not worth sending.
 *
 * @param href the module that exports `decodeRegion`, or its name among those of the workers
 * @param options as `decodeByWorkers` of `@ozx/virtual` has them
 */
export function decodeByWorkers(
  workers: NonNullable<StoreOptions["workers"]>,
  href: string,
  options?: { readonly few?: number },
): RegionDecoder {
  return byWorkers(
    workers,
    {
      href,
      name: "decodeRegion",
      decode: decodeRegion,
      sizeOf: ({ rows, columns, pixelBytes }) => rows * columns * pixelBytes,
    },
    options,
  );
}
