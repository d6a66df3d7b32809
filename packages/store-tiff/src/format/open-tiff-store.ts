import type { ByteSource, StoreOptions } from "@ozx/core";
import type { FolderOptions, SourceFolder } from "@ozx/core/container";
import { decodeRegion, type RegionDecoder } from "../decode/decode-region.js";
import { openFolderLayout } from "../layouts/folder/open-folder.js";
import { openLayout } from "../layouts/open-layout.js";
import { type TiffStore, tiffStore } from "../store/tiff-store.js";

/**
 * Opens the store over a TIFF.
 *
 * @param source is closed with the store, and stays open when it cannot be opened
 * @param decode where tiles and strips are decoded; in this thread by default
 * @throws as `openTiff` does
 */
export async function openTiffStore(
  source: ByteSource,
  options?: StoreOptions,
  decode: RegionDecoder = decodeRegion,
): Promise<TiffStore> {
  const axes = options?.axes ?? options?.descriptor?.axes;
  const { layout, files } = await openLayout(source, { ...options, axes });
  const described = source.descriptor?.();
  const descriptor = described && { format: "tiff", ...described, ...(axes !== undefined && { axes }) };
  return tiffStore({
    name: source.name,
    layout,
    decode,
    files,
    descriptor,
    allowMissing: options?.allowMissing,
  });
}

/**
 * Opens the store over the TIFFs of a folder.
 *
 * @param decode as of {@link openTiffStore}
 * @returns undefined where there is none
 * @throws as `openTiff` does, and UsageError where the files cannot be told to be one image
 */
export async function openFolderStore(
  folder: SourceFolder,
  options?: FolderOptions,
  decode: RegionDecoder = decodeRegion,
): Promise<TiffStore | undefined> {
  const opened = await openFolderLayout(folder, options);
  if (opened === undefined) return undefined;
  const { layout, files } = opened;
  const { name, location } = folder;
  const { pattern = "", axes, allowMissing } = options ?? {};
  const descriptor = location === undefined ? undefined : { format: "tiff", location, files: pattern, axes };
  return tiffStore({ name, layout, decode, files, descriptor, allowMissing });
}
