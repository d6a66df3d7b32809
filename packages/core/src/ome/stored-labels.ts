import type { AbsolutePath } from "../store/store.js";
import { nameBelow } from "../store/store-keys.js";
import { type Nodes, storedPath } from "../zarr/stored-path.js";
import { resolvePath } from "./ome-metadata.js";

/**
 * A list of label images with their names as they are stored; the same list where it has them.
 *
 * @param group the path of the group `labels` that has the list
 */
export function labelsAsStored(
  nodes: Nodes,
  group: AbsolutePath,
  list: readonly unknown[],
): readonly unknown[] {
  const stored = list.map((name) => {
    const path = typeof name === "string" ? resolvePath(group, name) : undefined;
    const found = path && storedPath(nodes, path);
    return found === path || found === undefined ? name : nameBelow(group, found);
  });
  return stored.every((name, at) => name === list[at]) ? list : stored;
}
