import type {
  AbsolutePath,
  ArrayDescription,
  Hierarchy,
  JsonObject,
  ReadOptions,
  Store,
  StoreEntry,
} from "@ozx/core";
import { createThrottle, type EntryInput, forEachInSlices, keyName, parentKey } from "@ozx/core/container";
import type { CodingTask } from "@ozx/core/internal";
import {
  checkUpgradable,
  joinKey,
  levelDimensionNames,
  NODE_DOCUMENTS,
  upgradeAttributes,
} from "@ozx/core/internal";
import { documentInput } from "../chunks/document-entries.js";
import { keyInV3, refuseKeyClash } from "./chunk-keys.js";
import { upgradeArray, upgradeGroup } from "./upgrade-array.js";

/** A hierarchy upgraded to OME-Zarr 0.5. */
interface UpgradedHierarchy {
  readonly entries: readonly EntryInput[];
  /** The `zarr.json` of every node by its path; they are among the entries too. */
  readonly documents: ReadonlyMap<AbsolutePath, JsonObject>;
  /** How to convert the chunks of those arrays whose codecs Zarr v3 lacks, by the path of the array. */
  readonly tasks: ReadonlyMap<AbsolutePath, CodingTask>;
}

/**
 * The entries of an OME-Zarr 0.4 hierarchy as 0.5: new metadata for every node, chunks under their v3 keys with
 * unchanged bytes, and all other files unchanged. The chunks of arrays in `tasks` still have to be converted.
 *
 * @param entries what the store lists
 * @throws UnsupportedError naming what cannot be upgraded without loss
 * @throws InvalidMetadataError if a file has the key of an upgraded chunk or document
 */
export async function upgradeEntries(
  source: Store,
  hierarchy: Hierarchy,
  entries: readonly StoreEntry[],
  options?: ReadOptions,
): Promise<UpgradedHierarchy> {
  checkUpgradable(hierarchy);
  const upgraded: EntryInput[] = [];
  const { documents, tasks } = await upgradedDocuments(hierarchy, options);
  for (const [path, document] of documents) {
    upgraded.push(documentInput(joinKey(path, "zarr.json"), document));
  }
  const arrays = arraysOf(hierarchy);
  const add = ({ key, size }: StoreEntry): void => {
    if (!isReplaced(key)) upgraded.push({ key: keyInV3(key, arrays), size, content: key });
  };
  await forEachInSlices(entries, add, options);
  refuseKeyClash(upgraded, source.name, "0.5");
  return { entries: upgraded, documents, tasks };
}

/** The new document of every node, and of the folders between nodes, which must be groups in v3. */
async function upgradedDocuments(
  hierarchy: Hierarchy,
  options?: ReadOptions,
): Promise<{ documents: Map<AbsolutePath, JsonObject>; tasks: Map<AbsolutePath, CodingTask> }> {
  const pause = createThrottle(options);
  const names = await levelDimensionNames(hierarchy, options);
  const documents = new Map<AbsolutePath, JsonObject>();
  const tasks = new Map<AbsolutePath, CodingTask>();
  for (const node of hierarchy.nodes.values()) {
    await pause();
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

/** Whether a key is of a Zarr v2 document; `.zmetadata` is a copy of all others. */
function isReplaced(key: AbsolutePath): boolean {
  const name = keyName(key);
  return name === ".zmetadata" || (name !== "zarr.json" && NODE_DOCUMENTS.includes(name));
}

function arraysOf({ nodes }: Hierarchy): Map<AbsolutePath, ArrayDescription> {
  return new Map([...nodes].flatMap(([path, node]) => (node.kind === "array" ? [[path, node.array]] : [])));
}
