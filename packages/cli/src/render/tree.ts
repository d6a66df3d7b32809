import { formatCount, formatNames, formatShape, type NodeReport } from "@ozx/core";
import { indent } from "./table.js";
import { printable } from "./wrap.js";

interface Branch {
  readonly node: NodeReport;
  /** Relative to the branch above. */
  readonly name: string;
  readonly children: Branch[];
  /** The same for branches that look the same in all but their names. */
  likeness: number;
}

/** Deeper than any image; what is hostile is cut there. */
const DEEPEST = 24;
const MOST_LINES = 400;

/** The hierarchy as a tree. Neighbours that look the same, such as the wells of a plate, are shown once. */
export function renderTree(nodes: readonly NodeReport[]): string[] {
  const roots = branchesOf(nodes);
  const lines = roots.flatMap((root) => renderBranch(root, 0));
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `… and ${formatCount(lines.length - MOST_LINES)} more lines`];
}

/** Puts nodes, each after those above it, into a tree. */
function branchesOf(nodes: readonly NodeReport[]): Branch[] {
  const roots: Branch[] = [];
  const branches = new Map<string, Branch>();
  for (const node of nodes) {
    const above = aboveOf(node.path, branches);
    const prefix = above === undefined ? 0 : above.node.path === "/" ? 1 : above.node.path.length + 1;
    const branch: Branch = { node, name: node.path.slice(prefix), children: [], likeness: 0 };
    (above?.children ?? roots).push(branch);
    branches.set(node.path, branch);
  }
  markLikeness([...branches.values()].reverse());
  return roots;
}

/** The nearest node above a path; folders between them need not be nodes. */
function aboveOf(path: string, branches: ReadonlyMap<string, Branch>): Branch | undefined {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const branch = branches.get(path.slice(0, end));
    if (branch !== undefined) return branch;
  }
  return path === "/" ? undefined : branches.get("/");
}

/** Numbers the looks of branches, which must come after all that is below them. */
function markLikeness(branches: readonly Branch[]): void {
  const known = new Map<string, number>();
  for (const branch of branches) {
    const children = branch.children.map(({ name, likeness }) => [name, likeness]);
    const look = JSON.stringify([describe(branch.node), children]);
    branch.likeness = known.get(look) ?? known.size;
    known.set(look, branch.likeness);
  }
}

function renderBranch(branch: Branch, depth: number): string[] {
  const { node, name, children } = branch;
  const lines = [printable(`${name}  ${describe(node)}`)];
  if (children.length > 0 && depth >= DEEPEST) return [...lines, "  …"];
  for (let at = 0; at < children.length; ) {
    const first = children[at] as Branch;
    let end = at + 1;
    while (children[end]?.likeness === first.likeness) end++;
    for (const line of indent(renderBranch(first, depth + 1))) lines.push(line);
    const others = children.slice(at + 1, end).map(({ name }) => name);
    if (others.length > 0) lines.push(printable(`  ${foldedNames(others)}  like ${first.name}`));
    at = end;
  }
  return lines;
}

/** Many names that do not follow from each other are counted. */
function foldedNames(names: readonly string[]): string {
  const text = formatNames(names);
  return text.length <= 40 ? text : `${names[0]} … ${names.at(-1)} (${formatCount(names.length)})`;
}

function describe({ kind, shape, dtype }: NodeReport): string {
  return shape === null ? kind : `${formatShape(shape)} ${dtype}`;
}
