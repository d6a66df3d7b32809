import { parentKey } from "../store/keys.js";
import type { AbsolutePath } from "../store/store.js";
import type { BrokenNode, Hierarchy } from "../zarr/node.js";

interface HierarchyIndex {
  readonly broken: ReadonlyMap<AbsolutePath, BrokenNode>;
  readonly children: ReadonlyMap<AbsolutePath, readonly AbsolutePath[]>;
}

/** Archives have a hundred thousand nodes, so none of them is looked for by going through all. */
const INDICES = new WeakMap<Hierarchy, HierarchyIndex>();

function indexOf(hierarchy: Hierarchy): HierarchyIndex {
  const known = INDICES.get(hierarchy);
  if (known !== undefined) return known;
  const children = new Map<AbsolutePath, AbsolutePath[]>();
  for (const path of hierarchy.nodes.keys()) {
    if (path === "/") continue;
    const siblings = children.get(parentKey(path));
    if (siblings === undefined) children.set(parentKey(path), [path]);
    else siblings.push(path);
  }
  const broken = new Map(hierarchy.broken.map((node) => [node.path, node]));
  const index = { broken, children };
  INDICES.set(hierarchy, index);
  return index;
}

/** The node at a path that is there but cannot be understood. */
export function brokenNodeAt(hierarchy: Hierarchy, path: AbsolutePath): BrokenNode | undefined {
  return indexOf(hierarchy).broken.get(path);
}

/** The nodes directly below a path, in the hierarchy's order. */
export function childrenOf(hierarchy: Hierarchy, path: AbsolutePath): readonly AbsolutePath[] {
  return indexOf(hierarchy).children.get(path) ?? [];
}
