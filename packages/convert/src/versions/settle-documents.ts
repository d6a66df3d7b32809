import type { AbsolutePath, Finding, Hierarchy, JsonObject, ReadOptions } from "@ozx/core";
import { type EntryInput, isJsonObject, keyName, parentKey } from "@ozx/core/container";
import {
  downgradeTo04,
  joinKey,
  levelDimensionNames,
  omeMetadataOf,
  omitMember,
  refuseUpgradeFaults,
  UPGRADED_VERSION,
  upgradeAttributes,
  versionNameOf,
} from "@ozx/core/internal";
import { documentInput } from "../chunks/document-entries.js";

/**
 * The documents of a hierarchy of Zarr v3 in which metadata of 0.1 to 0.4, which is beside the other attributes, has
 * moved under `ome`, as in 0.5. None where there is no such metadata.
 *
 * @throws UnsupportedError where an upgrade takes a guess
 */
export async function movedDocuments(
  hierarchy: Hierarchy,
  options?: ReadOptions,
): Promise<Map<AbsolutePath, JsonObject>> {
  const moved = new Map<AbsolutePath, JsonObject>();
  const nodes = [...hierarchy.nodes.values()].filter(({ zarrFormat }) => zarrFormat === 3);
  for (const node of nodes) {
    if (node.kind === "array" || omeMetadataOf(node)?.namespaced !== false) continue;
    const attributes = upgradeAttributes(node, hierarchy);
    // An attribute of the name `labels` need not be OME-Zarr.
    if (attributes !== node.attributes) moved.set(node.path, { ...node.document, attributes });
  }
  if (moved.size === 0) return moved;
  refuseUpgradeFaults(hierarchy);
  const names = await levelDimensionNames(hierarchy, options);
  for (const node of nodes) {
    const dimensions = names.get(node.path);
    const isNamed = node.kind === "group" || node.array.dimensionNames !== undefined;
    if (dimensions && !isNamed) moved.set(node.path, { ...node.document, dimension_names: dimensions });
  }
  return moved;
}

/** Says that metadata of an earlier version has moved. */
export function movedFinding({ location }: Hierarchy, version: string): Finding {
  return {
    rule: "moved-metadata",
    level: "policy",
    severity: "info",
    where: "/",
    message: `${location} has metadata of OME-Zarr ${version} in Zarr v3, which no version allows: it is written as ${UPGRADED_VERSION}.`,
    help: "Chunks keep their bytes; nothing needs to be done.",
  };
}

/**
 * Entries with some documents of Zarr v3 in place of those that they had. The copies of metadata in the groups above
 * (`consolidated_metadata`) are removed, since they would be outdated.
 *
 * @param documents the changed documents, by the path of their node
 * @param all the documents of all nodes
 */
export function withDocuments(
  entries: readonly EntryInput[],
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
  all: ReadonlyMap<AbsolutePath, JsonObject>,
): EntryInput[] {
  if (documents.size === 0) return [...entries];
  const written = new Map<AbsolutePath, JsonObject>();
  for (const [path, document] of documents) {
    written.set(joinKey(path, "zarr.json"), omitMember(document, CONSOLIDATED));
    for (let above = path; above !== "/"; ) {
      above = parentKey(above);
      const key = joinKey(above, "zarr.json");
      const copies = written.has(key) || documents.has(above) ? undefined : all.get(above);
      if (copies && Object.hasOwn(copies, CONSOLIDATED)) written.set(key, omitMember(copies, CONSOLIDATED));
    }
  }
  return replaceDocuments(entries, written);
}

const CONSOLIDATED = "consolidated_metadata";

/** Entries with other documents, by their keys, in place of those that they had, or added. */
export function replaceDocuments(
  entries: readonly EntryInput[],
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): EntryInput[] {
  const known = new Set(entries.map(({ key }) => key));
  const isCopied = ({ key }: EntryInput): boolean => keyName(key) === ".zmetadata" && documents.size > 0;
  const replaced = entries.flatMap((entry) => {
    // A copy of documents, which would be outdated.
    if (isCopied(entry)) return [];
    const document = documents.get(entry.key);
    return [document === undefined ? entry : documentInput(entry.key, document)];
  });
  const added = [...documents].flatMap(([key, document]) =>
    known.has(key) ? [] : [documentInput(key, document)],
  );
  return [...replaced, ...added];
}

/**
 * The `.zattrs` of groups of Zarr v2 that are not OME-Zarr 0.4, in that version, by their keys: of 0.1 to 0.3, and of
 * versions that are not known and read as 0.4.
 *
 * @throws UnsupportedError where an upgrade takes a guess
 */
export function documentsIn04(hierarchy: Hierarchy): Map<AbsolutePath, JsonObject> {
  refuseUpgradeFaults(hierarchy);
  const upgraded = new Map<AbsolutePath, JsonObject>();
  for (const node of hierarchy.nodes.values()) {
    const version = versionNameOf(node);
    if (node.kind === "array" || version === undefined || version === "0.4") continue;
    const where = { location: hierarchy.location, path: joinKey(node.path, ".zattrs").slice(1) };
    upgraded.set(joinKey(node.path, ".zattrs"), downgradeTo04(upgradeAttributes(node, hierarchy), where));
  }
  return upgraded;
}

/** Says what metadata of 0.1 to 0.3 becomes; undefined where there is none. */
export function scalesFinding({ nodes }: Hierarchy): Finding | undefined {
  for (const node of nodes.values()) {
    const { version, attributes } = omeMetadataOf(node) ?? {};
    if (version === undefined || version >= "0.4" || !isJsonObject(attributes)) continue;
    if (!Object.hasOwn(attributes, "multiscales")) continue;
    return {
      rule: "upgraded-scales",
      level: "policy",
      severity: "info",
      where: node.path,
      message: `OME-Zarr ${versionNameOf(node)} has no pixel sizes: the scales that are written are in pixels of the largest level.`,
      help: "Set the size of a pixel, and its unit, if you know them.",
    };
  }
  return undefined;
}
