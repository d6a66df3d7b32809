import type { ByteSource, ReadOptions } from "@ozx/core";
import { openLayout } from "../layouts/open-layout.js";
import { type TiffStore, tiffStore } from "../store/tiff-store.js";

/**
 * Opens the store over a TIFF.
 *
 * @param source is closed with the store, and stays open when it cannot be opened
 * @throws as `openTiff` does
 */
export async function openTiffStore(source: ByteSource, options?: ReadOptions): Promise<TiffStore> {
  const { layout, files } = await openLayout(source, options);
  return tiffStore({ name: source.name, layout, close: () => files.close() });
}
