import {
  type ByteSource,
  blobSource,
  filesStore,
  folderStore,
  isS3Address,
  locateAddress,
  openOmeZarr,
  openStore,
  publicS3Address,
  type ReadOptions,
  type Store,
  type StoreFormat,
  type StoreOptions,
} from "@ozx/core";
import { ozxFormat } from "@ozx/store-zip";
import { decodeWorkers } from "../workers/decode-workers.js";
import type { OpenedSource, SourceInput } from "./source-input.js";

/** The containers that the page opens; a later one is one more here. */
export const formats: readonly StoreFormat[] = [ozxFormat];

/**
 * Opens whatever was dropped, chosen or typed.
 *
 * @throws what `openOmeZarr` and the format throw
 */
export async function openSource(source: SourceInput, options?: ReadOptions): Promise<OpenedSource> {
  // Its workers start while the metadata is read.
  const work = decodeWorkers();
  const store = await storeOf(source, options);
  const node = await openOmeZarr(store, { ...options, formats, work });
  return { name: source.name, source, store, node };
}

/**
 * What is asked for where an address is given: what is in a bucket, as anybody may. A page signs nothing.
 *
 * @throws UsageError for an address of a bucket that names nothing in it
 */
export function requestedAddress(url: string): string {
  return isS3Address(url) ? publicS3Address(url) : url;
}

/** Whatever it is, as a store. */
export async function storeOf(source: SourceInput, options: StoreOptions = {}): Promise<Store> {
  const located = await locate(source, options);
  return "list" in located ? located : openStore(located, { ...options, formats });
}

/**
 * The bytes of a file, of which nothing is known yet, or a folder as a store.
 *
 * @throws NotFoundError, UnreadableError, NetworkError, UnsupportedError for what is on a server
 */
export async function locate(source: SourceInput, options: ReadOptions = {}): Promise<ByteSource | Store> {
  if (source.kind === "file") return blobSource(source.file, source.name);
  if (source.kind === "url") {
    const located = await locateAddress(requestedAddress(source.url), {
      ...options,
      formats,
      name: source.url,
    });
    return located.kind === "folder" ? located.store : located.source;
  }
  const { content, name } = source;
  return content instanceof Map
    ? filesStore(content, name)
    : folderStore(content as FileSystemDirectoryHandle, name);
}
