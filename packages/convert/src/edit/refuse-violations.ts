import {
  type AbsolutePath,
  type Finding,
  type Hierarchy,
  type ReadOptions,
  UsageError,
  type ZarrNode,
} from "@ozx/core";
import { compareKeys, isBelow, parentKey, sortInSlices } from "@ozx/core/container";
import { checkNodes, omeMetadataOf } from "@ozx/core/internal";
import { checkOme } from "@ozx/core/validate";
import { isIn } from "../select/cut-hierarchy.js";
import { movedPath, type NodeMove } from "./node-move.js";
import type { WorkingCopy } from "./working-copy.js";

/**
 * Refuses a result with errors that were not there before. Of a plate of ten thousand images, only what an edit may break
 * is checked.
 *
 * @param changed the paths of the nodes whose documents change
 * @throws UsageError naming the rule
 */
export async function refuseViolations(
  before: Hierarchy,
  working: WorkingCopy,
  { changed, moves, ...options }: ReadOptions & ChangedNodes,
): Promise<void> {
  const sorted = await sortInSlices([...working.nodes], ([one], [other]) => compareKeys(one, other), options);
  const only = concernedPaths(new Map([...before.nodes, ...sorted]), { changed, moves });
  const errors = await errorsIn({ ...working, nodes: new Map(sorted) }, only, options);
  if (errors.length === 0) return;
  const known = new Map<string, number>();
  for (const { rule, where } of await errorsIn(before, only, options)) {
    const kept = `${rule} ${movedPath(where as AbsolutePath, moves)}`;
    known.set(kept, (known.get(kept) ?? 0) + 1);
  }
  for (const { rule, where, message } of errors) {
    const left = known.get(`${rule} ${where}`) ?? 0;
    known.set(`${rule} ${where}`, left - 1);
    if (left > 0) continue;
    throw new UsageError(
      `nothing is changed in ${before.location}, because the result would violate ${rule}: ${message}`,
    );
  }
}

interface ChangedNodes {
  readonly changed: readonly AbsolutePath[];
  readonly moves: readonly NodeMove[];
}

/**
 * The nodes that an edit may make invalid: those that it changes or moves, all above them, the label images of images, and
 * the wells of plates, whose images name acquisitions.
 */
function concernedPaths(
  nodes: ReadonlyMap<AbsolutePath, ZarrNode>,
  { changed, moves }: ChangedNodes,
): ReadonlySet<AbsolutePath> {
  const concerned = new Set<AbsolutePath>(["/"]);
  const addUp = (path: AbsolutePath): void => {
    for (let at = path; !concerned.has(at); at = parentKey(at)) concerned.add(at);
  };
  const [images, plates] = [new Set<AbsolutePath>(), new Set<AbsolutePath>()];
  for (const path of changed) {
    addUp(path);
    const members = membersOf(nodes.get(path));
    if (Object.hasOwn(members, "multiscales")) images.add(path);
    if (Object.hasOwn(members, "plate")) plates.add(path);
  }
  for (const [path, node] of nodes) {
    const isMoved = moves.some(({ from, to }) =>
      [from, to].some((root) => path === root || isBelow(path, root)),
    );
    const isWell = plates.has(parentKey(parentKey(path))) && Object.hasOwn(membersOf(node), "well");
    if (isMoved || isWell || isIn(path, images)) addUp(path);
  }
  return concerned;
}

function membersOf(node: ZarrNode | undefined): object {
  return (node && omeMetadataOf(node)?.attributes) ?? {};
}

async function errorsIn(
  hierarchy: Hierarchy,
  only: ReadonlySet<AbsolutePath>,
  options?: ReadOptions,
): Promise<Finding[]> {
  const nodes = new Map([...hierarchy.nodes].filter(([path]) => only.has(path)));
  return [
    ...checkNodes({ ...hierarchy, nodes }),
    ...(await checkOme(hierarchy, { ...options, only })),
  ].filter(({ severity }) => severity === "error");
}
