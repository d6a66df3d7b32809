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
