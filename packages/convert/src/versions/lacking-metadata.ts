import type { AbsolutePath, JsonObject } from "@ozx/core";
import { compareKeys, isJsonObject, keyName, parentKey } from "@ozx/core/container";
import { listOf, nameBelow, resolvePath, versionOfOme, withStoredNames } from "@ozx/core/internal";

/** Documents of Zarr v3 by the path of their node. */
export type Documents = ReadonlyMap<AbsolutePath, JsonObject>;

/** Members of `ome`, by the path of the group that lacks them. */
export type OmeMembers = ReadonlyMap<AbsolutePath, JsonObject>;

/** The OME-Zarr metadata in a document; undefined where there is none. */
export function omeOf(document: JsonObject | undefined): JsonObject | undefined {
  const attributes = document?.["attributes"];
  const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
  return isJsonObject(ome) ? ome : undefined;
}

/**
 * The wells that a plate lists, and that have images but no metadata. Of which acquisition the images of a plate with
 * several are, only the metadata would say.
 *
 * @param own members that each well has
 */
export function wellsWithoutImages(documents: Documents, own: JsonObject): OmeMembers {
  const found = new Map<AbsolutePath, JsonObject>();
  let children: ReadonlyMap<AbsolutePath, readonly AbsolutePath[]> | undefined;
  for (const [path, document] of documents) {
    const plate = omeOf(document)?.["plate"];
    if (!isJsonObject(plate) || listOf(plate, "acquisitions").length > 1) continue;
    for (const { path: name } of listOf(plate, "wells")) {
      const well = typeof name === "string" ? resolvePath(path, name) : undefined;
      if (well === undefined || !isPlainGroup(documents.get(well))) continue;
      children ??= childrenOf(documents);
      const images = (children.get(well) ?? []).filter((child) => isImage(documents.get(child)));
      if (images.length === 0) continue;
      found.set(well, { well: { ...own, images: images.map((image) => ({ path: keyName(image) })) } });
    }
  }
  return found;
}

/** The groups `labels` of images that contain label images, and list none. */
export function labelsWithoutList(documents: Documents): OmeMembers {
  const found = new Map<AbsolutePath, JsonObject>();
  let children: ReadonlyMap<AbsolutePath, readonly AbsolutePath[]> | undefined;
  for (const [path, document] of documents) {
    if (keyName(path) !== "labels" || path === "/" || !isPlainGroup(document)) continue;
    if (!isImage(documents.get(parentKey(path)))) continue;
    children ??= childrenOf(documents);
    const labels = [...labelImagesBelow(path, documents, children)];
    if (labels.length > 0) found.set(path, { labels: labels.map((label) => nameBelow(path, label)) });
  }
  return found;
}

/** The metadata with names in another normal form of Unicode than the nodes have, with these. */
export function* namesInOtherForm(documents: Documents): Generator<readonly [AbsolutePath, JsonObject]> {
  for (const [path, document] of documents) {
    const ome = omeOf(document);
    const stored = ome && withStoredNames(documents, path, ome);
    if (stored !== undefined && stored !== ome) yield [path, stored];
  }
}

function* labelImagesBelow(
  path: AbsolutePath,
  documents: Documents,
  children: ReadonlyMap<AbsolutePath, readonly AbsolutePath[]>,
): Generator<AbsolutePath> {
  for (const child of children.get(path) ?? []) {
    const document = documents.get(child);
    if (isImage(document) && isJsonObject(omeOf(document)?.["image-label"])) yield child;
    else if (document?.["node_type"] === "group") yield* labelImagesBelow(child, documents, children);
  }
}

/** The documents of levels of 0.5, which must name their dimensions, with the names of their image's axes. */
export function* lackingDimensionNames(documents: Documents): Generator<readonly [AbsolutePath, JsonObject]> {
  const seen = new Set<AbsolutePath>();
  for (const [path, document] of documents) {
    const ome = omeOf(document);
    if (ome === undefined || versionOfOme(ome) !== "0.5") continue;
    for (const multiscale of listOf(ome, "multiscales")) {
      const names = listOf(multiscale, "axes").map(({ name }) => name);
      if (!names.every((name) => typeof name === "string" && name !== "")) continue;
      for (const { path: name } of listOf(multiscale, "datasets")) {
        const level = typeof name === "string" ? resolvePath(path, name) : undefined;
        const array = level && documents.get(level);
        if (level === undefined || array?.["node_type"] !== "array" || seen.has(level)) continue;
        seen.add(level);
        const { shape, dimension_names: written } = array;
        const fits = Array.isArray(shape) && shape.length === names.length;
        if (fits && (written === undefined || written === null))
          yield [level, { ...array, dimension_names: names }];
      }
    }
  }
}

function isPlainGroup(document: JsonObject | undefined): boolean {
  return document?.["node_type"] === "group" && omeOf(document) === undefined;
}

function isImage(document: JsonObject | undefined): boolean {
  return Array.isArray(omeOf(document)?.["multiscales"]);
}

/** The nodes directly below each path, in the order of `compareKeys`. */
function childrenOf(documents: Documents): Map<AbsolutePath, AbsolutePath[]> {
  const children = new Map<AbsolutePath, AbsolutePath[]>();
  for (const path of [...documents.keys()].sort(compareKeys)) {
    if (path === "/") continue;
    const siblings = children.get(parentKey(path));
    if (siblings === undefined) children.set(parentKey(path), [path]);
    else siblings.push(path);
  }
  return children;
}
