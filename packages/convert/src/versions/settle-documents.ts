import type { AbsolutePath, Finding, Hierarchy, JsonObject } from "@ozx/core";
import { type EntryInput, keyName, parentKey } from "@ozx/core/container";
import {
  joinKey,
  laxDocuments,
  levelDimensionNames,
  omeMetadataOf,
  omitMember,
  plural,
  stringifyJson,
  UPGRADED_VERSION,
  upgradeAttributes,
} from "@ozx/core/internal";

/** Documents that are written anew, and what is to be said about it. */
export interface Settled {
  readonly entries: readonly EntryInput[];
  readonly findings: readonly Finding[];
}

/**
 * Writes documents with a bare NaN or Infinity as JSON has them: as texts, which zarr-python reads back. Entries that are
 * generated are not affected.
 */
export function withStrictJson(entries: readonly EntryInput[], hierarchy: Hierarchy): Settled {
  const strict = new Map(
    [...hierarchy.nodes.values()]
      .flatMap(laxDocuments)
      .map(({ key, document }) => [key, stringifyJson(document)] as const),
  );
  const [first] = strict.keys();
  if (first === undefined) return { entries, findings: [] };
  const settled = entries.flatMap((entry) => {
    // A copy of all other documents, with the same values in it.
    if (entry.key === "/.zmetadata") return [];
    const content = entry.content === entry.key ? strict.get(entry.key) : undefined;
    return [content ? { key: entry.key, size: content.length, content } : entry];
  });
  const finding: Finding = {
    rule: "strict-json",
    level: "policy",
    severity: "info",
    where: first,
    message: `${plural(strict.size, "document")} (the first is ${first.slice(1)}) had NaN or Infinity, which is no JSON: they are written as texts.`,
    help: "zarr-python reads these texts as numbers; nothing needs to be done.",
  };
  return { entries: settled, findings: [finding] };
}

/** Whether a hierarchy of Zarr v3 has metadata of OME-Zarr 0.4, which is beside the other attributes. */
export function hasFlatMetadata({ nodes }: Hierarchy): boolean {
  return [...nodes.values()].some(
    (node) => node.zarrFormat === 3 && omeMetadataOf(node)?.namespaced === false,
  );
}

/** The documents of a hierarchy of Zarr v3 in which the metadata of OME-Zarr 0.4 has moved under `ome`, as in 0.5. */
export function movedDocuments(hierarchy: Hierarchy): Map<AbsolutePath, JsonObject> {
  const names = levelDimensionNames(hierarchy);
  const moved = new Map<AbsolutePath, JsonObject>();
  for (const node of hierarchy.nodes.values()) {
    // The copy of the metadata below this node would be outdated.
    const document = omitMember(node.document, "consolidated_metadata");
    const dimensions = names.get(node.path);
    if (node.kind === "array") {
      const isNamed = node.array.dimensionNames !== undefined || dimensions === undefined;
      if (!isNamed) moved.set(node.path, { ...document, dimension_names: dimensions });
    } else if (omeMetadataOf(node)?.namespaced === false) {
      moved.set(node.path, { ...document, attributes: upgradeAttributes(node, hierarchy) });
    }
  }
  return moved;
}

/** Says that metadata of 0.4 has moved. */
export function movedFinding({ location }: Hierarchy): Finding {
  return {
    rule: "moved-metadata",
    level: "policy",
    severity: "info",
    where: "/",
    message: `${location} has metadata of OME-Zarr 0.4 in Zarr v3, which no version allows: it is written as ${UPGRADED_VERSION}.`,
    help: "Chunks keep their bytes; nothing needs to be done.",
  };
}

/** Entries with documents in place of those that they had. */
export function withDocuments(
  entries: readonly EntryInput[],
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): EntryInput[] {
  const known = new Set(entries.map(({ key }) => key));
  const replaced = entries.map((entry) => {
    const document = keyName(entry.key) === "zarr.json" ? documents.get(parentKey(entry.key)) : undefined;
    if (document === undefined) return entry;
    const content = stringifyJson(document);
    return { key: entry.key, size: content.length, content };
  });
  const added = [...documents].flatMap(([path, document]) => {
    const key = joinKey(path, "zarr.json");
    const content = stringifyJson(document);
    return known.has(key) ? [] : [{ key, size: content.length, content }];
  });
  return [...replaced, ...added];
}

/**
 * The documents that a hierarchy of Zarr v3 lacks: a group for each folder above a node, as the rows of a plate, and the
 * version of groups with OME-Zarr metadata, which is that of the whole hierarchy.
 */
export function missingDocuments(hierarchy: Hierarchy): Map<AbsolutePath, JsonObject> {
  const { nodes, broken } = hierarchy;
  const missing = new Map<AbsolutePath, JsonObject>();
  const unread = new Set<AbsolutePath>(broken.map(({ path }) => path));
  const root = nodes.get("/");
  const version = root && omeMetadataOf(root)?.writtenVersion;
  for (const node of nodes.values()) {
    for (let path = node.path; path !== "/"; ) {
      path = parentKey(path);
      if (nodes.has(path) || unread.has(path) || missing.has(path)) break;
      missing.set(path, { zarr_format: 3, node_type: "group", attributes: {} });
    }
    const metadata = omeMetadataOf(node);
    if (!metadata?.namespaced || metadata.writtenVersion !== undefined || version === undefined) continue;
    const document = omitMember(node.document, "consolidated_metadata");
    const ome = { version, ...omitMember(metadata.attributes, "version") };
    missing.set(node.path, { ...document, attributes: { ...node.attributes, ome } });
  }
  return missing;
}

/** Says which documents are added or completed; undefined where there are none. */
export function missingFinding(missing: ReadonlyMap<AbsolutePath, JsonObject>): Finding | undefined {
  const [first] = missing.keys();
  if (first === undefined) return undefined;
  return {
    rule: "completed-documents",
    level: "policy",
    severity: "info",
    where: first,
    message: `${plural(missing.size, "group")} (the first is ${first}) had no document or no version: it is written.`,
    help: "OME-Zarr requires both; nothing needs to be done.",
  };
}
