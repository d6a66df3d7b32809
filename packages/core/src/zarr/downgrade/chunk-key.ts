import { joinKey, nameBelow, parentKey } from "../../store/keys.js";
import type { AbsolutePath } from "../../store/store.js";
import { formatChunkKey, parseChunkKey } from "../chunk-key.js";
import type { ArrayDescription } from "../node.js";

type Arrays = ReadonlyMap<AbsolutePath, ArrayDescription>;

/** How chunks are named in the Zarr v2 that is written: `0/0`. */
const NESTED: ArrayDescription["chunkKey"] = { prefix: "", separator: "/" };

/** The key of an entry in Zarr v2; that of what is no chunk stays. */
export function downgradedKey(key: AbsolutePath, arrays: Arrays): AbsolutePath {
  return renamedKey(key, arrays, (array) => [array, NESTED]);
}

/** The inverse of {@link downgradedKey}, for keys of chunks. */
export function upgradedKey(key: AbsolutePath, arrays: Arrays): AbsolutePath {
  return renamedKey(key, arrays, (array) => [{ ...array, chunkKey: NESTED }, array.chunkKey]);
}

/** @param naming how the chunks of an array are named before, and after */
function renamedKey(
  key: AbsolutePath,
  arrays: Arrays,
  naming: (
    array: ArrayDescription,
  ) => readonly [before: ArrayDescription, after: ArrayDescription["chunkKey"]],
): AbsolutePath {
  for (let path = parentKey(key); ; path = parentKey(path)) {
    const array = arrays.get(path);
    if (array !== undefined) {
      const [before, after] = naming(array);
      const position = parseChunkKey(nameBelow(path, key), before);
      return position ? joinKey(path, formatChunkKey(position, after)) : key;
    }
    if (path === "/") return key;
  }
}
