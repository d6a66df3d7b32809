import type { ReadOptions } from "../bytes/byte-source.js";
import { InvalidMetadataError, UnknownFormatError } from "../errors.js";
import { isBelow, parentKey } from "../store/keys.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { NODE_DOCUMENTS } from "./hierarchy.js";

/**
 * The node that a store's hierarchy starts at: `/` where it should be, or the one folder that all nodes lie
 * in, as in an archive that somebody made of a folder instead of its content.
 *
 * @throws UnknownFormatError when there is no Zarr node at all
 * @throws InvalidMetadataError when there are several hierarchies beside each other
 */
export async function findRoot(store: Store, options?: ReadOptions): Promise<AbsolutePath> {
  let roots: AbsolutePath[] = [];
  for await (const { key } of store.list({ ...options, names: NODE_DOCUMENTS })) {
    const node = parentKey(key);
    if (node === "/") return "/";
    // What macOS puts beside the files of an archive has their names.
    if (key.startsWith("/__MACOSX/") || roots.some((root) => node === root || isBelow(node, root))) continue;
    roots = [...roots.filter((root) => !isBelow(root, node)), node];
  }
  const [root, second] = roots;
  if (root === undefined) {
    throw new UnknownFormatError(
      `${store.name} holds no OME-Zarr: there is no zarr.json and no .zgroup in it`,
      { location: store.name },
    );
  }
  if (second !== undefined) {
    const names = roots.slice(0, 3).map((path) => path.slice(1));
    throw new InvalidMetadataError(
      `${store.name} holds ${roots.length} hierarchies beside each other (${names.join(", ")}${roots.length > 3 ? ", …" : ""}): unpack it and convert each on its own`,
      { location: store.name },
    );
  }
  return root;
}
