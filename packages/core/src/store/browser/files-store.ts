import { compareKeys } from "../keys.js";
import { isListed } from "../list.js";
import type { AbsolutePath, Store } from "../store.js";
import { fileStore } from "./file-store.js";

/**
 * A `Store` over files that were chosen one by one or with their folder (`<input webkitdirectory>`).
 *
 * @param files by their paths below the folder, as in `0/zarr.json`
 * @param name the folder's, for messages
 */
export function filesStore(files: ReadonlyMap<string, File>, name: string): Store {
  const byKey = new Map<string, File>();
  for (const [path, file] of files) byKey.set(`/${path}`, file);
  const keys = ([...byKey.keys()] as AbsolutePath[]).sort(compareKeys);
  return fileStore({
    name,
    find: async (key) => byKey.get(key),
    async *list(options) {
      for (const key of keys) {
        options?.signal?.throwIfAborted();
        if (isListed(key, options)) yield { key, size: byKey.get(key)?.size ?? 0 };
      }
    },
  });
}
