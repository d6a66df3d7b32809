import type { AbsolutePath, Hierarchy, ZarrNode } from "@ozx/core";
import { compareKeys, parentKey } from "@ozx/core/container";
import { type ArrayReport, inspectArray, type StoredSizes } from "@ozx/core/validate";

/** One node of the hierarchy, as a row of the table. */
export interface NodeRow {
  readonly path: AbsolutePath;
  /** Its path from the nearest node above it. */
  readonly name: string;
  readonly depth: number;
  readonly kind: ZarrNode["kind"] | "broken";
  readonly array: ArrayReport | undefined;
  /** Why its metadata cannot be read. */
  readonly fault: string | undefined;
  readonly hasChildren: boolean;
  /** The nearest node above it. */
  readonly parent: AbsolutePath | undefined;
}

/** All nodes, each before those below it. Stored sizes come from `stored`; without it they are null. */
export function nodeRows(hierarchy: Hierarchy, stored: StoredSizes | undefined): NodeRow[] {
  const { nodes, broken } = hierarchy;
  const faults = new Map(broken.map(({ path, error }) => [path, error.message]));
  const paths = [...nodes.keys(), ...faults.keys()].sort(compareKeys);
  const depths = new Map<AbsolutePath, number>();
  const parents = new Map<AbsolutePath, AbsolutePath | undefined>();
  const withChildren = new Set<AbsolutePath>();
  for (const path of paths) {
    const parent = nearestAbove(path, depths);
    depths.set(path, parent === undefined ? 0 : (depths.get(parent) ?? 0) + 1);
    parents.set(path, parent);
    if (parent !== undefined) withChildren.add(parent);
  }
  return paths.map((path) => {
    const node = nodes.get(path);
    const parent = parents.get(path);
    return {
      path,
      name: path === "/" ? "/" : path.slice(parent === undefined || parent === "/" ? 1 : parent.length + 1),
      depth: depths.get(path) ?? 0,
      kind: node?.kind ?? "broken",
      array: node?.kind === "array" ? inspectArray(node, stored) : undefined,
      fault: faults.get(path),
      hasChildren: withChildren.has(path),
      parent,
    };
  });
}

/** The nearest node above a path: the folders between two nodes need not be nodes. */
function nearestAbove(
  path: AbsolutePath,
  known: ReadonlyMap<AbsolutePath, number>,
): AbsolutePath | undefined {
  for (let above = path; above !== "/"; ) {
    above = parentKey(above);
    if (known.has(above)) return above;
  }
  return undefined;
}

/** The rows that are not below a collapsed one. */
export function visibleRows(rows: readonly NodeRow[], collapsed: ReadonlySet<AbsolutePath>): NodeRow[] {
  const hidden = new Set<AbsolutePath>();
  return rows.filter(({ path, parent }) => {
    const isHidden = parent !== undefined && (hidden.has(parent) || collapsed.has(parent));
    if (isHidden) hidden.add(path);
    return !isHidden;
  });
}

/**
 * The nodes to collapse at first, such as the wells of a plate: the deepest ones, until at most `maxRows` rows are left.
 */
export function initiallyCollapsed(rows: readonly NodeRow[], maxRows: number): Set<AbsolutePath> {
  const collapsed = new Set<AbsolutePath>();
  const deepest = rows.reduce((depth, row) => (row.hasChildren ? Math.max(depth, row.depth) : depth), 0);
  for (let depth = deepest; depth > 0 && visibleRows(rows, collapsed).length > maxRows; depth--) {
    for (const row of rows) if (row.hasChildren && row.depth === depth) collapsed.add(row.path);
  }
  return collapsed;
}
