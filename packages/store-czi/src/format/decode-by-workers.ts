import type { StoreOptions } from "@ozx/core";
import { decodeByWorkers as byWorkers } from "@ozx/virtual/decode";
import { decodeRegion } from "../decode/decode-region.js";
import { type RegionDecoder, sizeOfRegion } from "../decode/region-layout.js";

/**
 * Decodes tiles by workers, and in this thread what is not worth sending.
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
    { href, name: "decodeRegion", decode: decodeRegion, sizeOf: sizeOfRegion },
    options,
  );
}
