import type { StoreFormat } from "@ozx/core";
import { sharedChunkWorkers } from "@ozx/core/internal/node";
import { canStart } from "@ozx/core/node";
import { decodeRegion } from "../decode/decode-region.js";
import { decodeByWorkers } from "../format/decode-by-workers.js";
import { tiffFormatWith } from "../format/tiff-format.js";

/** In the same folder of the built package. */
const MODULE = new URL("./segment-thread.js", import.meta.url);

/** `tiffFormat` of `@ozx/store-tiff`, with tiles and strips that are decoded in threads. */
export const tiffFormat: StoreFormat = {
  ...tiffFormatWith(({ workers = sharedChunkWorkers() }) =>
    canStart(MODULE) ? decodeByWorkers(workers, MODULE.href) : decodeRegion,
  ),
  // Threads that open the file for themselves decode for themselves.
  module: { href: new URL("./index.js", import.meta.url).href, name: "tiffFormat" },
};
