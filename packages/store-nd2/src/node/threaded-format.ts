import type { StoreFormat } from "@ozx/core";
import { sharedChunkWorkers } from "@ozx/core/internal/node";
import { canStart } from "@ozx/core/node";
import { decodeFrame } from "../decode/decode-frame.js";
import { decodeFramesByWorkers } from "../format/decode-by-workers.js";
import { nd2FormatWith } from "../format/nd2-format.js";

/** In the same folder of the built package. */
const MODULE = new URL("./frame-thread.js", import.meta.url);

/** `nd2Format` of `@ozx/store-nd2`, with frames that are decoded in threads. */
export const nd2Format: StoreFormat = {
  ...nd2FormatWith(({ workers = sharedChunkWorkers() }) =>
    canStart(MODULE) ? decodeFramesByWorkers(workers, MODULE.href) : decodeFrame,
  ),
  // Threads that open the file for themselves decode for themselves.
  module: { href: new URL("./index.js", import.meta.url).href, name: "nd2Format" },
};
