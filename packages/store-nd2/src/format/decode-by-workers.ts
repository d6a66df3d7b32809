import type { StoreOptions } from "@ozx/core";
import { decodeByWorkers } from "@ozx/virtual/decode";
import { decodeFrame, type FrameDecoder } from "../decode/decode-frame.js";

/**
 * Decodes frames by workers, and in this thread what is not worth sending.
 *
 * @param href the module that exports `decodeFrame`, or its name among those of the workers
 * @param options as of `decodeByWorkers`
 */
export function decodeFramesByWorkers(
  workers: NonNullable<StoreOptions["workers"]>,
  href: string,
  options?: { readonly few?: number },
): FrameDecoder {
  const module = {
    href,
    name: "decodeFrame",
    decode: decodeFrame,
    sizeOf: ({ chunkRows, pixelRow }: Parameters<FrameDecoder>[1]) => chunkRows * pixelRow,
  };
  return decodeByWorkers(workers, module, options);
}
