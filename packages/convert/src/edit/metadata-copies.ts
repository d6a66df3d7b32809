import type { AbsolutePath, JsonObject, ReadOptions, Store, ZarrNode } from "@ozx/core";
import { isBelow, isJsonObject, parentKey, parseJsonObject } from "@ozx/core/container";
import { joinKey, nameBelow } from "@ozx/core/internal";
import { movedPath, type NodeMove } from "./node-move.js";
import type { WorkingCopy } from "./working-copy.js";

/**
 * Brings the copies of metadata up to date that groups above edited nodes have: in Zarr v3 `consolidated_metadata`, in the
 * group's own document, in v2 `.zmetadata`.
 *
 * @param changed the paths of the edited nodes, as they are now
 * @returns the changed documents of v2 by their keys
 */
export async function updateCopies(
  store: Store,
  working: WorkingCopy,
  changed: readonly AbsolutePath[],
  { moves, removed, ...options }: ReadOptions & Pick<CopiesEdit, "moves" | "removed">,
): Promise<Map<AbsolutePath, JsonObject>> {
  const documents = new Map<AbsolutePath, JsonObject>();
  for (const [group, below] of groupsAbove(changed, moves)) {
    const node = working.nodes.get(group);
    if (node === undefined) continue;
    const edited = (): ZarrNode[] => below.flatMap((path) => working.nodes.get(path) ?? []);
    if (node.zarrFormat === 3) {
      const copies = node.document["consolidated_metadata"];
      if (!isJsonObject(copies) || !isJsonObject(copies["metadata"])) continue;
      const metadata = updated(copies["metadata"], group, {
        edited: edited(),
        moves,
        removed,
        copyOf: copyV3,
      });
      const document = { ...node.document, consolidated_metadata: { ...copies, metadata } };
      working.nodes.set(group, { ...node, document });
      continue;
    }
    const key = joinKey(group, ".zmetadata");
    const bytes = await store.get(key, options);
    const copies = bytes && parseJsonObject(bytes, { location: store.name, path: key.slice(1) });
    if (copies === undefined || !isJsonObject(copies["metadata"])) continue;
    const own = changed.includes(group) ? [node, ...edited()] : edited();
    documents.set(key, {
      ...copies,
      metadata: updated(copies["metadata"], group, { edited: own, moves, removed, copyOf: copyV2 }),
    });
  }
  return documents;
}

/** The groups that may have copies, and which of the edited nodes are below each: of many images, each is looked at once. */
function groupsAbove(
  changed: readonly AbsolutePath[],
  moves: readonly NodeMove[],
): ReadonlyMap<AbsolutePath, readonly AbsolutePath[]> {
  const groups = new Map<AbsolutePath, AbsolutePath[]>([["/", []]]);
  const below = (group: AbsolutePath): AbsolutePath[] => {
    const paths = groups.get(group) ?? [];
    groups.set(group, paths);
    return paths;
  };
  for (const path of changed) {
    below(path);
    for (let at = path; at !== "/"; ) {
      at = parentKey(at);
      below(at).push(path);
    }
  }
  for (const { from, to } of moves)
    for (const path of [from, to]) for (let at = path; at !== "/"; at = parentKey(at)) below(at);
  return groups;
}

interface CopiesEdit {
  readonly edited: readonly ZarrNode[];
  readonly moves: readonly NodeMove[];
  /** The paths of groups that are not there any more. */
  readonly removed: readonly AbsolutePath[];
  /** The name and the value of a node's copy; `name` is that of the node below the group, empty for the group itself. */
  readonly copyOf: (name: string, node: ZarrNode) => readonly [string, unknown];
}

function updated(
  metadata: JsonObject,
  group: AbsolutePath,
  { edited, moves, removed, copyOf }: CopiesEdit,
): JsonObject {
  const copies = new Map<string, unknown>();
  for (const [name, copy] of Object.entries(metadata)) {
    const path = movedPath(joinKey(group, name), moves);
    if (!removed.some((one) => path === one || isBelow(path, one))) copies.set(nameBelow(group, path), copy);
  }
  for (const node of edited) {
    const [name, copy] = copyOf(node.path === group ? "" : nameBelow(group, node.path), node);
    const before = copies.get(name);
    // The copy of a group may have an empty list of copies of its own.
    copies.set(
      name,
      isJsonObject(before) && node.zarrFormat === 3 ? { ...before, attributes: node.attributes } : copy,
    );
  }
  return Object.fromEntries(copies);
}

function copyV3(name: string, { document }: ZarrNode): readonly [string, unknown] {
  return [name, document];
}

/** A new group has no attributes. */
function copyV2(name: string, { document, attributes }: ZarrNode): readonly [string, unknown] {
  const start = name === "" ? "" : `${name}/`;
  return Object.keys(attributes).length === 0
    ? [`${start}.zgroup`, document]
    : [`${start}.zattrs`, attributes];
}
