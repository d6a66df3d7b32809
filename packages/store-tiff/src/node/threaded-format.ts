import type { StoreFormat, StoreOptions } from "@ozx/core";
import { sharedChunkWorkers } from "@ozx/core/internal/node";
import { canStart } from "@ozx/core/node";
import { decodeRegion, type RegionDecoder, type RegionLayout } from "../decode/decode-region.js";
import { tiffFormat as anywhere } from "../format/tiff-format.js";
import { createCache } from "../read/cache.js";

/** In the same folder of the built package. */
const MODULE = new URL("./segment-thread.js", import.meta.url);

/** `tiffFormat` of `@ozx/store-tiff`, with tiles and strips that are decoded in threads. */
export const tiffFormat: StoreFormat = {
  ...anywhere,
  // Threads that open the file for themselves decode for themselves.
  module: { href: new URL("./index.js", import.meta.url).href, name: "tiffFormat" },
  async open(source, options) {
    const { openTiffStore } = await import("../format/open-tiff-store.js");
    return openTiffStore(source, options, decoderFor(options));
  },
  async openFolder(folder, options) {
    const { openFolderStore } = await import("../format/open-tiff-store.js");
    return openFolderStore(folder, options, decoderFor(options));
  },
};

/** Decoded bytes that are not worth starting threads for. */
const FEW = 4 * 1024 * 1024;
/** A region of fewer bytes is decoded in less time than it takes to send it. */
const SMALL = 16 * 1024;
/** The layouts that threads know: those of pages of one kind are the same but at their edges. */
const KNOWN_LAYOUTS = 1024;

type Workers = NonNullable<StoreOptions["workers"]>;

function decoderFor({ workers = sharedChunkWorkers() }: StoreOptions = {}): RegionDecoder {
  return canStart(MODULE) ? threadedDecoder(workers) : decodeRegion;
}

function threadedDecoder(workers: Workers): RegionDecoder {
  const tasks = createCache<string, Parameters<Workers["run"]>[0]>(KNOWN_LAYOUTS);
  let decoded = 0;
  const taskOf = (layout: RegionLayout): Parameters<Workers["run"]>[0] => {
    const key = JSON.stringify(layout);
    const task = tasks.get(key) ?? {
      kind: "module",
      href: MODULE.href,
      name: "decodeRegion",
      input: layout,
    };
    tasks.set(key, task);
    return task;
  };
  return async (frame, layout, options) => {
    const size = layout.rows * layout.columns * layout.pixelBytes;
    decoded += size;
    if (decoded < FEW || size < SMALL) return decodeRegion(frame, layout, options);
    const pixels = await workers.run(taskOf(layout), frame, { ...options, isSpare: true });
    if (typeof pixels === "string") throw new TypeError(`a region of pixels ${pixels}`);
    return pixels;
  };
}
