import type { JsonObject } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { smallImage } from "@ozx/testing";

/**
 * An image of one array of 4 × 4, of which no chunk is stored.
 *
 * @param more members of `ome` beside the version and this one multiscale
 */
export function imageOf(version: string, multiscale: JsonObject, more: JsonObject = {}): MemoryStore {
  const ome = { version, multiscales: [multiscale], ...more };
  const document = { dimension_names: ["y", "x"] };
  return memoryStore(
    smallImage({ "/": ome }, { "/0": { shape: [4, 4], dataType: "uint8", document } }),
    "image",
  );
}
