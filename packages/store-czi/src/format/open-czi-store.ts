import { type ByteSource, type StoreOptions, UsageError } from "@ozx/core";
import { decodeRegion } from "../decode/decode-region.js";
import type { RegionDecoder } from "../decode/region-layout.js";
import { findLayout } from "../layout/find-layout.js";
import { openCziFile } from "../read/czi-file.js";
import { type CziStore, cziStore } from "../store/czi-store.js";

/**
 * Opens the store over a CZI.
 *
 * @param source is closed with the store, and stays open when it cannot be opened
 * @param decode where tiles are decoded; in this thread by default
 * @throws as `openCzi` does
 */
export async function openCziStore(
  source: ByteSource,
  options?: StoreOptions,
  decode: RegionDecoder = decodeRegion,
): Promise<CziStore> {
  if (options?.axes !== undefined) {
    throw new UsageError(`${source.name} says itself what its planes are (CZI): leave out --axes`);
  }
  const file = await openCziFile(source, options);
  const layout = await findLayout(file, options);
  const described = source.descriptor?.();
  const descriptor = described && { format: "czi", ...described };
  return cziStore({ file, layout, decode, descriptor, allowMissing: options?.allowMissing }, options);
}
