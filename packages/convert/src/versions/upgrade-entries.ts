import type { AbsolutePath, ArrayNode, Hierarchy, JsonObject, Store, StoreEntry } from "@ozx/core";
import { InvalidMetadataError } from "@ozx/core";
import type { EntryInput } from "@ozx/core/container";
import { keyName, parentKey } from "@ozx/core/container";
import type { CodingTask } from "@ozx/core/internal";
import {
  checkUpgradable,
  formatChunkKey,
  joinKey,
  levelDimensionNames,
  NODE_DOCUMENTS,
  parseChunkKey,
  stringifyJson,
  upgradeAttributes,
} from "@ozx/core/internal";
import { upgradeArray, upgradeGroup } from "./upgrade-array.js";

/** A hierarchy as it will be written. */
export interface UpgradedHierarchy {
  readonly entries: readonly EntryInput[];
  /** The `zarr.json` of every node, which is among the entries too. */
  readonly documents: ReadonlyMap<AbsolutePath, JsonObject>;
  /** What has to be done to the chunks of arrays that Zarr v3 has no word for as they are. */
  readonly tasks: ReadonlyMap<AbsolutePath, CodingTask>;
}

/**
 * The entries of an OME-Zarr 0.4 hierarchy as 0.5: new metadata for every node, chunks under their v3 keys with
 * their bytes as they are, and all other files unchanged. The chunks of arrays in `tasks` are yet to be done.
 *
 * @param entries what the store lists
 * @throws UnsupportedError naming what cannot be upgraded without loss
 */
export function upgradeEntries(
  source: Store,
  hierarchy: Hierarchy,
  entries: readonly StoreEntry[],
): UpgradedHierarchy {
  checkUpgradable(hierarchy);
  const upgraded: EntryInput[] = [];
  const { documents, tasks } = upgradedDocuments(hierarchy);
  for (const [path, document] of documents) {
    const content = stringifyJson(document);
    upgraded.push({ key: joinKey(path, "zarr.json"), size: content.length, content });
  }
  for (const { key, size } of entries) {
    if (isReplaced(key)) continue;
    upgraded.push({ key: upgradedKey(key, hierarchy), size, content: key });
  }
  refuseUpgradeClash(upgraded, source);
  return { entries: upgraded, documents, tasks };
}

/** The new document of every node, and of the folders between nodes, which v3 wants to be groups. */
function upgradedDocuments(hierarchy: Hierarchy): {
  documents: Map<AbsolutePath, JsonObject>;
  tasks: Map<AbsolutePath, CodingTask>;
} {
  const names = levelDimensionNames(hierarchy);
  const documents = new Map<AbsolutePath, JsonObject>();
  const tasks = new Map<AbsolutePath, CodingTask>();
  for (const node of hierarchy.nodes.values()) {
    if (node.kind === "group") {
      documents.set(node.path, upgradeGroup(upgradeAttributes(node, hierarchy)));
      continue;
    }
    const { document, task } = upgradeArray(node, hierarchy.location, names.get(node.path));
    documents.set(node.path, document);
    if (task !== undefined) tasks.set(node.path, task);
  }
  for (const path of hierarchy.nodes.keys()) {
    for (let above = path; above !== "/"; above = parentKey(above)) {
      const parent = parentKey(above);
      if (!documents.has(parent)) documents.set(parent, upgradeGroup({}));
    }
  }
  return { documents, tasks };
}

/** Documents of Zarr v2; `.zmetadata` is a copy of all others. */
function isReplaced(key: AbsolutePath): boolean {
  const name = keyName(key);
  return name === ".zmetadata" || (name !== "zarr.json" && NODE_DOCUMENTS.includes(name));
}

function upgradedKey(key: AbsolutePath, hierarchy: Hierarchy): AbsolutePath {
  const array = arrayAbove(key, hierarchy);
  const position = array && parseChunkKey(key.slice(array.path.length + 1), array.array);
  if (!array || !position) return key;
  return joinKey(array.path, formatChunkKey(position, { prefix: "c", separator: "/" }));
}

function arrayAbove(key: AbsolutePath, { nodes }: Hierarchy): ArrayNode | undefined {
  let path = parentKey(key);
  while (path !== "/" && !nodes.has(path)) path = parentKey(path);
  const node = nodes.get(path);
  return node?.kind === "array" ? node : undefined;
}

function refuseUpgradeClash(entries: readonly EntryInput[], source: Store): void {
  const seen = new Set<AbsolutePath>();
  for (const { key } of entries) {
    if (seen.has(key)) {
      throw new InvalidMetadataError(
        `${source.name} holds a file where the upgrade to OME-Zarr 0.5 puts ${key.slice(1)}: remove it first`,
        { location: source.name, path: key },
      );
    }
    seen.add(key);
  }
}
