import { joinKey, parentKey } from "../../store/keys.js";
import type { AbsolutePath } from "../../store/store.js";
import { formatChunkKey, parseChunkKey } from "../chunk-key.js";
import type { ArrayDescription } from "../node.js";

/** The key of an entry in Zarr v2, where chunks have nested keys (`0/0`); that of all others stays. */
export function downgradedKey(
  key: AbsolutePath,
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
): AbsolutePath {
  for (let path = parentKey(key); ; path = parentKey(path)) {
    const array = arrays.get(path);
    if (array !== undefined) {
      const position = parseChunkKey(key.slice(path === "/" ? 1 : path.length + 1), array);
      return position ? joinKey(path, formatChunkKey(position, { prefix: "", separator: "/" })) : key;
    }
    if (path === "/") return key;
  }
}

/** The inverse of {@link downgradedKey}, for keys of chunks. */
export function upgradedKey(
  key: AbsolutePath,
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
): AbsolutePath {
  for (let path = parentKey(key); ; path = parentKey(path)) {
    const array = arrays.get(path);
    if (array !== undefined) {
      const chunkKey = { prefix: "", separator: "/" } as const;
      const position = parseChunkKey(key.slice(path === "/" ? 1 : path.length + 1), { ...array, chunkKey });
      return position ? joinKey(path, formatChunkKey(position, array.chunkKey)) : key;
    }
    if (path === "/") return key;
  }
}
