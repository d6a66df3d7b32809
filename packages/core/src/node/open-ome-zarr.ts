import type { OpenNode } from "../open/node.js";
import { type OpenOmeZarrOptions, openOmeZarr as openStoreOrBytes } from "../open/open-ome-zarr.js";
import { openPath } from "./open.js";

/**
 * Opens OME-Zarr at a path, a folder or a file, as `openOmeZarr` of `@ozx/core` opens a store.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError, InvalidMetadataError, and what the format throws
 */
export async function openOmeZarr(
  source: string | Parameters<typeof openStoreOrBytes>[0],
  options: OpenOmeZarrOptions,
): Promise<OpenNode> {
  return openStoreOrBytes(typeof source === "string" ? await openPath(source, options) : source, options);
}
