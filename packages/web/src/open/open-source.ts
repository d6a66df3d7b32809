import {
  type ByteSource,
  blobSource,
  filesStore,
  folderStore,
  openHttpSource,
  openOmeZarr,
  openStore,
  type ReadOptions,
  type Store,
  type StoreFormat,
} from "@ozx/core";
import { ozxFormat } from "@ozx/store-zip";
import type { OpenedSource, SourceInput } from "./opened-source.js";

/** The containers that the page opens; a later one is one more here. */
export const formats: readonly StoreFormat[] = [ozxFormat];

/**
 * Opens whatever was dropped, chosen or typed.
 *
 * @throws what `openOmeZarr` and the format throw
 */
export async function openSource(source: SourceInput, options?: ReadOptions): Promise<OpenedSource> {
  const store = await storeOf(source, options);
  const node = await openOmeZarr(store, { ...options, formats });
  return { name: source.name, source, store, node };
}

/** The bytes of a file or of an address; undefined for a folder, which has none of its own. */
export async function byteSourceOf(
  source: SourceInput,
  options: ReadOptions = {},
): Promise<ByteSource | undefined> {
  if (source.kind === "file") return blobSource(source.file, source.name);
  return source.kind === "url" ? openHttpSource(source.url, options) : undefined;
}

/** Whatever it is, as a store. */
export async function storeOf(source: SourceInput, options: ReadOptions = {}): Promise<Store> {
  if (source.kind === "folder") {
    const { content, name } = source;
    return content instanceof Map
      ? filesStore(content, name)
      : folderStore(content as FileSystemDirectoryHandle, name);
  }
  const bytes = await byteSourceOf(source, options);
  if (bytes === undefined) throw new TypeError(`${source.name} has no bytes`);
  return openStore(bytes, { ...options, formats });
}
