import type { ByteSource } from "@ozx/core";
import type { FolderOptions, SourceFolder } from "@ozx/core/container";
import { openFolderLayout } from "../layouts/folder/open-folder.js";
import type { LayoutOptions } from "../layouts/layout.js";
import { openLayout } from "../layouts/open-layout.js";
import { type TiffStore, tiffStore } from "../store/tiff-store.js";

/**
 * Opens the store over a TIFF.
 *
 * @param source is closed with the store, and stays open when it cannot be opened
 * @throws as `openTiff` does
 */
export async function openTiffStore(source: ByteSource, options?: LayoutOptions): Promise<TiffStore> {
  const { layout, files } = await openLayout(source, options);
  return tiffStore({ name: source.name, layout, close: () => files.close() });
}

/**
 * Opens the store over the TIFFs of a folder.
 *
 * @returns undefined where there is none
 * @throws as `openTiff` does, and UsageError where the files cannot be told to be one image
 */
export async function openFolderStore(
  folder: SourceFolder,
  options?: FolderOptions,
): Promise<TiffStore | undefined> {
  const opened = await openFolderLayout(folder, options);
  return opened && tiffStore({ name: folder.name, layout: opened.layout, close: () => opened.files.close() });
}
