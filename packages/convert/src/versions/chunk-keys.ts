import { type AbsolutePath, type ArrayDescription, InvalidMetadataError } from "@ozx/core";
import { type EntryInput, parentKey } from "@ozx/core/container";
import { formatChunkKey, joinKey, nameBelow, parseChunkKey } from "@ozx/core/internal";

/** Arrays by their paths. */
export type Arrays = ReadonlyMap<AbsolutePath, ArrayDescription>;

type ChunkKeyEncoding = ArrayDescription["chunkKey"];

/** How chunks are named in the Zarr v3 that is written: `c/0/0`. */
const DEFAULT_V3: ChunkKeyEncoding = { prefix: "c", separator: "/" };

/** How chunks are named in the Zarr v2 that is written: `0/0`. */
const NESTED_V2: ChunkKeyEncoding = { prefix: "", separator: "/" };

/**
 * The key of an entry in Zarr v3; keys that are not of chunks stay the same.
 *
 * @param arrays with the chunk keys that the source has
 */
export function keyInV3(key: AbsolutePath, arrays: Arrays): AbsolutePath {
  return renamedKey(key, arrays, (array) => [array, DEFAULT_V3]);
}

/**
 * The key of an entry in Zarr v2; keys that are not of chunks stay the same.
 *
 * @param arrays with the chunk keys that they have in v3
 */
export function keyInV2(key: AbsolutePath, arrays: Arrays): AbsolutePath {
  return renamedKey(key, arrays, (array) => [array, NESTED_V2]);
}

/** The inverse of {@link keyInV2}, for keys of chunks. */
export function keyBeforeV2(key: AbsolutePath, arrays: Arrays): AbsolutePath {
  return renamedKey(key, arrays, (array) => [{ ...array, chunkKey: NESTED_V2 }, array.chunkKey]);
}

/** @param naming the array with the present chunk keys, and the new chunk keys */
function renamedKey(
  key: AbsolutePath,
  arrays: Arrays,
  naming: (array: ArrayDescription) => readonly [before: ArrayDescription, after: ChunkKeyEncoding],
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

/**
 * Checks that new keys do not collide with other files of the source.
 *
 * @param version the OME-Zarr version that the keys belong to
 * @throws InvalidMetadataError naming the file
 */
export function refuseKeyClash(entries: readonly EntryInput[], location: string, version: string): void {
  const seen = new Set<AbsolutePath>();
  for (const { key } of entries) {
    if (seen.has(key)) {
      throw new InvalidMetadataError(
        `${location} already contains ${key.slice(1)}, which OME-Zarr ${version} needs for a chunk or metadata: remove that file first`,
        { location, path: key },
      );
    }
    seen.add(key);
  }
}
