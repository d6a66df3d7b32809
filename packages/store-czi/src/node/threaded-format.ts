import type { StoreFormat } from "@ozx/core";
import { sharedChunkWorkers } from "@ozx/core/internal/node";
import { canStart } from "@ozx/core/node";
import { decodeRegion } from "../decode/decode-region.js";
import { cziFormatWith } from "../format/czi-format.js";
import { decodeByWorkers } from "../format/decode-by-workers.js";

/** In the same folder of the built package. */
const MODULE = new URL("./tile-thread.js", import.meta.url);

/** `cziFormat` of `@ozx/store-czi`, with tiles that are decoded in threads. */
export const cziFormat: StoreFormat = {
  ...cziFormatWith(({ workers = sharedChunkWorkers() }) =>
    canStart(MODULE) ? decodeByWorkers(workers, MODULE.href) : decodeRegion,
  ),
  // Threads that open the file for themselves decode for themselves.
  module: { href: new URL("./index.js", import.meta.url).href, name: "cziFormat" },
};
