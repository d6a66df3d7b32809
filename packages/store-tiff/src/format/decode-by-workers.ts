import type { StoreOptions } from "@ozx/core";
import { decodeRegion, type RegionDecoder, type RegionLayout } from "../decode/decode-region.js";
import { createCache } from "../read/cache.js";

const FEW = 4 * 1024 * 1024;
/** A region of fewer bytes is decoded in less time than it takes to send it. */
const SMALL = 16 * 1024;
/** The layouts that threads know: those of pages of one kind are the same but at their edges. */
const KNOWN_LAYOUTS = 1024;

type Workers = NonNullable<StoreOptions["workers"]>;

/**
 * Decodes regions of tiles and strips by workers, and in this thread what is not worth sending.
 *
 * @param href the module that exports `decodeRegion`, or its name among those of the workers
 * @param options.few decoded bytes that this thread decodes before workers are asked: those that are not worth starting
 *   threads for, by default 4 MB
 */
export function decodeByWorkers(
  workers: Workers,
  href: string,
  { few = FEW }: { readonly few?: number } = {},
): RegionDecoder {
  const tasks = createCache<string, Parameters<Workers["run"]>[0]>(KNOWN_LAYOUTS);
  let decoded = 0;
  const taskOf = (layout: RegionLayout): Parameters<Workers["run"]>[0] => {
    const key = JSON.stringify(layout);
    const task = tasks.get(key) ?? {
      kind: "module",
      href,
      name: "decodeRegion",
      input: layout,
    };
    tasks.set(key, task);
    return task;
  };
  return async (frame, layout, options) => {
    const size = layout.rows * layout.columns * layout.pixelBytes;
    decoded += size;
    if (decoded < few || size < SMALL) return decodeRegion(frame, layout, options);
    const pixels = await workers.run(taskOf(layout), frame, { ...options, isSpare: true });
    if (typeof pixels === "string") throw new TypeError(`a region of pixels ${pixels}`);
    return pixels;
  };
}
