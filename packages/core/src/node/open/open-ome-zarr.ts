import type { ByteSource } from "../../bytes/source-and-sink.js";
import type { OpenNode } from "../../open/node.js";
import { type OpenOmeZarrOptions, openOmeZarr as openStoreOrBytes } from "../../open/open-ome-zarr.js";
import { openSource } from "../../open/open-source.js";
import type { Store } from "../../store/store.js";
import type { OpenOptions } from "../../store/store-format.js";
import { openPath } from "./open.js";

/**
 * Opens OME-Zarr at a path, a folder or a file, as `openOmeZarr` of `@ozx/core` opens a store.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError, InvalidMetadataError, and what the format throws
 */
export async function openOmeZarr(
  source: Store | Blob | ByteSource | string | URL,
  options: OpenOmeZarrOptions,
): Promise<OpenNode> {
  return openStoreOrBytes(isPlace(source) ? await openPath(source, options) : source, options);
}

/** Opens what is at a path or address, or bytes that are at hand, as a store. Throws like {@link openPath}. */
export function openAny(source: Blob | ByteSource | string | URL, options: OpenOptions): Promise<Store> {
  return isPlace(source) ? openPath(source, options) : openSource(source, options);
}

function isPlace(source: unknown): source is string | URL {
  return typeof source === "string" || source instanceof URL;
}
