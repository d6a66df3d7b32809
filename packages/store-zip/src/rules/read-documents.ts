import { type Hierarchy, InvalidMetadataError, type ReadOptions, readHierarchy, type Store } from "@ozx/core";
import { findEntry } from "../directory/central-directory.js";
import type { ZipArchive } from "../read/archive.js";
import { zipStore } from "../read/zip-store.js";

/** No metadata document is as long as this. */
const MAX_DOCUMENT = 64 * 1024 * 1024;

/** Reads every node's metadata; what cannot be read is among the broken nodes and spoils no other. */
export function readDocuments(archive: ZipArchive, options?: ReadOptions): Promise<Hierarchy> {
  const store = zipStore(archive);
  const bounded: Store = {
    ...store,
    get(key, readOptions) {
      const entry = findEntry(archive.directory, key.slice(1));
      if (entry !== undefined && Math.max(entry.size, entry.compressedSize) > MAX_DOCUMENT) {
        throw new InvalidMetadataError(
          `${entry.name} in ${store.name} has ${entry.size} bytes, which no metadata document has`,
          { location: store.name, path: key },
        );
      }
      return store.get(key, readOptions);
    },
  };
  return readHierarchy(bounded, options);
}
