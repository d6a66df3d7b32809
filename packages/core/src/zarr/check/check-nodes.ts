import type { Finding } from "../../findings/finding.js";
import { breach } from "../../findings/rule.js";
import { parentKey } from "../../store/keys.js";
import type { AbsolutePath } from "../../store/store.js";
import type { ArrayNode, Hierarchy } from "../node.js";
import { divides } from "../shard/shard-layout.js";
import { BELOW_ARRAY, IMPLICIT_GROUP, SHARD_SHAPE, UNREADABLE_NODE } from "./rules.js";

/** What is wrong with the nodes of a hierarchy, apart from what their attributes mean. */
export function* checkNodes(hierarchy: Hierarchy): Generator<Finding> {
  for (const { path, error } of hierarchy.broken) {
    yield breach(UNREADABLE_NODE, path, sentence(error.message));
  }
  yield* implicitGroups(hierarchy);
  for (const node of hierarchy.nodes.values()) {
    const array = arrayAbove(node.path, hierarchy);
    if (array !== undefined) {
      yield breach(
        BELOW_ARRAY,
        node.path,
        `The ${node.kind} ${node.path} lies below the array ${array.path}.`,
      );
    }
    if (node.kind === "array") yield* shardShape(node);
  }
}

/** Zarr v2 got along without documents between nodes; v3 does not since its final text. */
function* implicitGroups({ nodes, broken }: Hierarchy): Generator<Finding> {
  const known = new Set<AbsolutePath>(broken.map(({ path }) => path));
  for (const node of nodes.values()) {
    if (node.zarrFormat !== 3) continue;
    for (let path = node.path; path !== "/"; ) {
      path = parentKey(path);
      if (nodes.has(path) || known.has(path)) break;
      known.add(path);
      yield breach(
        IMPLICIT_GROUP,
        path,
        `${path} has no zarr.json, though the ${node.kind} ${node.path} lies below it.`,
      );
    }
  }
}

function arrayAbove(path: AbsolutePath, { nodes }: Hierarchy): ArrayNode | undefined {
  for (let above = path; above !== "/"; ) {
    above = parentKey(above);
    const node = nodes.get(above);
    if (node?.kind === "array") return node;
  }
  return undefined;
}

function* shardShape({ path, array }: ArrayNode): Generator<Finding> {
  const { shardShape, chunkShape } = array;
  if (shardShape === undefined || divides(chunkShape, shardShape)) return;
  yield breach(
    SHARD_SHAPE,
    path,
    `The array ${path} has shards of ${shardShape.join(" × ")}, which chunks of ${chunkShape.join(" × ")} do not fill.`,
  );
}

export function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}
