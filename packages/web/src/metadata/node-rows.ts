import {
  type AbsolutePath,
  type ArrayReport,
  compareKeys,
  type Hierarchy,
  inspectArray,
  parentKey,
  type StoredSizes,
  type ZarrNode,
} from "@ozx/core";

/** One node of the hierarchy, as the table has it. */
export interface NodeRow {
  readonly path: AbsolutePath;
  /** Its name below the nearest node above it. */
  readonly name: string;
  readonly depth: number;
  readonly kind: ZarrNode["kind"] | "broken";
  readonly array: ArrayReport | undefined;
  /** Why it cannot be understood. */
  readonly fault: string | undefined;
  readonly hasChildren: boolean;
  /** The nearest node above it. */
  readonly parent: AbsolutePath | undefined;
}

/** All nodes, each before those below it. Sizes are those of `stored`, null where there is none yet. */
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
      array: node?.kind === "array" ? inspectArray(node, stored ?? NOTHING) : undefined,
      fault: faults.get(path),
      hasChildren: withChildren.has(path),
      parent,
    };
  });
}

const NOTHING: StoredSizes = { entries: 0, bytes: 0, arrays: new Map() };

/** Folders between nodes need not be nodes themselves. */
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

/** The rows that are not below a folded one. */
export function openRows(rows: readonly NodeRow[], folded: ReadonlySet<AbsolutePath>): NodeRow[] {
  const hidden = new Set<AbsolutePath>();
  return rows.filter(({ path, parent }) => {
    const isHidden = parent !== undefined && (hidden.has(parent) || folded.has(parent));
    if (isHidden) hidden.add(path);
    return !isHidden;
  });
}

/** Which nodes are folded at first: those that too many lie below, such as the wells of a plate. */
export function foldedAtFirst(rows: readonly NodeRow[], most: number): Set<AbsolutePath> {
  const folded = new Set<AbsolutePath>();
  const deepest = rows.reduce((most, row) => (row.hasChildren ? Math.max(most, row.depth) : most), 0);
  for (let depth = deepest; depth > 0 && openRows(rows, folded).length > most; depth--) {
    for (const row of rows) if (row.hasChildren && row.depth === depth) folded.add(row.path);
  }
  return folded;
}
