import { type MemoryStore, memoryStore } from "@ozx/core";
import type { SampleOptions } from "./sample/options.js";
import { sampleMap } from "./sample-image.js";

/** The sample in memory, as a `Store`. */
export async function sampleStore(options?: SampleOptions): Promise<MemoryStore> {
  return memoryStore(await sampleMap(options), "sample");
}
