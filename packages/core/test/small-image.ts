import type { AbsolutePath, JsonObject } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { stringifyJson } from "@ozx/core/internal";

/**
 * An image in Zarr v3 of one array of 4 × 4, which is nowhere stored.
 *
 * @param more members of `ome` beside the version and this one multiscale
 */
export function smallImage(version: string, multiscale: JsonObject, more: JsonObject = {}): MemoryStore {
  const ome = { version, multiscales: [multiscale], ...more };
  const array = {
    zarr_format: 3,
    node_type: "array",
    shape: [4, 4],
    data_type: "uint8",
    chunk_grid: { name: "regular", configuration: { chunk_shape: [4, 4] } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: [{ name: "bytes" }],
    fill_value: 0,
    dimension_names: ["y", "x"],
    attributes: {},
  };
  return memoryStore(
    new Map<AbsolutePath, Uint8Array>([
      ["/zarr.json", stringifyJson({ zarr_format: 3, node_type: "group", attributes: { ome } })],
      ["/0/zarr.json", stringifyJson(array)],
    ]),
    "image",
  );
}
