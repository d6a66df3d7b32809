import {
  type AbsolutePath,
  type ArrayNode,
  type Finding,
  type Hierarchy,
  type Image,
  type JsonObject,
  type LabelImage,
  NotFoundError,
  UsageError,
} from "@ozx/core";
import { keyName, parentKey } from "@ozx/core/container";
import {
  type GroupNode,
  imageAt,
  joinKey,
  member,
  omeMetadataOf,
  omeXmlKey,
  omitMember,
  resolvePath,
  storedPath,
  stringifyJson,
} from "@ozx/core/internal";
import { plainDocument, type Recut } from "../recut/recut-array.js";
import { cutImage } from "./cut-image.js";
import { type ArrayWindow, formatSpan, type TransferSelection, windowDocument } from "./fit-ranges.js";

/** What changes in a hierarchy when a part of its images is selected. */
export interface HierarchyCut {
  /** Rewritten metadata documents, by their keys. */
  readonly documents: ReadonlyMap<AbsolutePath, Uint8Array>;
  /** Nodes that are left out, with everything below them. */
  readonly hidden: ReadonlySet<AbsolutePath>;
  /** The arrays that are cut, by their paths. */
  readonly windows: ReadonlyMap<AbsolutePath, ArrayWindow>;
  /** The arrays whose chunks are made, by their paths. */
  readonly recuts: ReadonlyMap<AbsolutePath, Recut>;
  /** The images that lost levels, below which others are to be made. */
  readonly remade: ReadonlySet<AbsolutePath>;
  readonly findings: readonly Finding[];
  /** The number of images and label images. */
  readonly images: number;
  /** The names of all their axes. */
  readonly axes: ReadonlySet<string>;
}

/**
 * Selects levels and ranges of every image of a hierarchy, and of its label images.
 *
 * @throws UsageError, UnsupportedError, InvalidMetadataError as {@link cutImage}
 * @throws NotFoundError as {@link leftOutNodes}
 */
export function cutHierarchy(hierarchy: Hierarchy, selection: TransferSelection): HierarchyCut {
  const { location } = hierarchy;
  const attributes = new Map<AbsolutePath, JsonObject>();
  const windows = new Map<AbsolutePath, ArrayWindow>();
  const recuts = new Map<AbsolutePath, Recut>();
  const remade = new Set<AbsolutePath>();
  const kept = new Set<AbsolutePath>();
  const hidden = new Set(leftOutNodes(hierarchy, selection));
  const findings: Finding[] = [];
  const axes = new Set<string>();
  const images = imagesOf(hierarchy);
  refuseLevelsBeyond(images, selection, location);
  for (const { node, image } of images.values()) {
    if (isIn(image.path, hidden)) continue;
    for (const { name } of image.multiscales.flatMap((multiscale) => multiscale.axes)) axes.add(name);
    const owner = ownerOf(image, images);
    const written = omeMetadataOf(node)?.attributes ?? {};
    const cut = cutImage(written, { location, image, owner }, selection);
    if (cut === undefined) {
      if (image === owner) throw noSuchLevels(image, selection, location);
      hidden.add(image.path);
      findings.push(labelLeftOut(image, selection));
      continue;
    }
    attributes.set(image.path, cut.attributes);
    for (const window of cut.windows) windows.set(window.node.path, window);
    for (const recut of cut.recuts) recuts.set(recut.node.path, recut);
    if (cut.remade > 0) {
      remade.add(image.path);
      findings.push(levelsRemade(image, cut.remade, selection));
    }
    for (const path of cut.kept) kept.add(path);
    for (const path of cut.dropped) hidden.add(path);
  }
  // Two images may share an array.
  for (const path of kept) hidden.delete(path);
  for (const [path, list] of shorterLabels(hierarchy, hidden)) attributes.set(path, list);
  return {
    documents: cutDocuments(hierarchy, { attributes, windows, recuts, hidden }),
    ...{ hidden, windows, recuts, remade },
    findings: [...findings, ...staleOmeXml(hierarchy, selection)],
    images: images.size,
    axes,
  };
}

interface FoundImage {
  readonly node: GroupNode;
  readonly image: Image | LabelImage;
}

function imagesOf(hierarchy: Hierarchy): Map<AbsolutePath, FoundImage> {
  const images = new Map<AbsolutePath, FoundImage>();
  for (const node of hierarchy.nodes.values()) {
    const image = node.kind === "group" ? imageAt(hierarchy, node.path) : undefined;
    if (node.kind === "group" && image !== undefined) images.set(node.path, { node, image });
  }
  return images;
}

/** The image that a label image belongs to; for any other image the image itself. */
function ownerOf(
  image: Image | LabelImage,
  images: ReadonlyMap<AbsolutePath, FoundImage>,
): Image | LabelImage {
  for (let path = image.path; path !== "/"; ) {
    path = parentKey(path);
    const above = images.get(path);
    if (above !== undefined) return above.image;
  }
  return image;
}

/** Some images of a collection may have fewer levels than requested, but not all of them. */
function refuseLevelsBeyond(
  images: ReadonlyMap<AbsolutePath, FoundImage>,
  selection: TransferSelection,
  location: string,
): void {
  const { stop } = selection.levels ?? {};
  const count = ({ multiscales }: Image | LabelImage): number =>
    Math.max(...multiscales.map(({ levels }) => levels.length));
  const found = [...images.values()].map(({ image }) => image).sort((a, b) => count(b) - count(a));
  const [largest] = found;
  if (stop === undefined || largest === undefined || stop <= count(largest)) return;
  throw noSuchLevels(largest, selection, location);
}

function noSuchLevels(
  { path, multiscales: [{ levels }] }: Image | LabelImage,
  selection: TransferSelection,
  location: string,
): UsageError {
  const which = levels.length === 1 ? "only level 0" : `levels 0 to ${levels.length - 1}`;
  return new UsageError(
    `levels ${formatLevels(selection)} are not in the image ${path} in ${location}, which has ${which}`,
  );
}

function labelLeftOut({ path }: Image | LabelImage, selection: TransferSelection): Finding {
  return {
    rule: "left-out",
    level: "policy",
    severity: "warning",
    where: path,
    message: `The label image ${path} is left out: it has none of the levels ${formatLevels(selection)}.`,
    help: "Take more levels to keep it.",
  };
}

function levelsRemade({ path }: Image | LabelImage, count: number, { project }: TransferSelection): Finding {
  const levels = count === 1 ? "The smallest level" : `The ${count} smallest levels`;
  const why =
    project === undefined
      ? "the range does not begin and end between their pixels"
      : "the projection of downsampled pixels is not that of all";
  return {
    rule: "levels-remade",
    level: "policy",
    severity: "info",
    where: path,
    message: `${levels} of the image ${path} ${count === 1 ? "is" : "are"} recomputed, as ${why}.`,
    help: "The pixels of the other levels are those of the input; nothing needs to be done.",
  };
}

function formatLevels({ levels }: TransferSelection): string {
  return levels === undefined ? "" : formatSpan(levels);
}

/** The lists of label images without those that are left out, each with the path of its group `labels`. */
function* shorterLabels(
  hierarchy: Hierarchy,
  hidden: ReadonlySet<AbsolutePath>,
): Generator<[AbsolutePath, JsonObject]> {
  for (const node of hierarchy.nodes.values()) {
    if (keyName(node.path) !== "labels") continue;
    const written = omeMetadataOf(node)?.attributes;
    const list = written && member(written, "labels");
    if (written === undefined || !Array.isArray(list)) continue;
    const left = list.filter((name: unknown) => {
      const path = typeof name === "string" ? resolvePath(node.path, name) : undefined;
      return path === undefined || !hidden.has(storedPath(hierarchy.nodes, path));
    });
    if (left.length < list.length) yield [node.path, { ...written, labels: left }];
  }
}

/** Reports that the OME-XML of a collection, which is copied as it is, does not fit the images any more. */
function staleOmeXml({ nodes }: Hierarchy, { ranges = {} }: TransferSelection): Finding[] {
  const root = nodes.get("/");
  const metadata = root && omeMetadataOf(root)?.attributes;
  if (Object.keys(ranges).length === 0 || !metadata || !Object.hasOwn(metadata, "bioformats2raw.layout"))
    return [];
  return [
    {
      rule: "ome-xml-whole",
      level: "policy",
      severity: "warning",
      where: omeXmlKey("/"),
      message: "The OME-XML of the collection is copied as it is, with the sizes of the whole images.",
      help: "Readers take sizes from the Zarr arrays; to leave the OME-XML out, take one image with --path.",
    },
  ];
}

/** The nodes of a hierarchy that change, by their paths. */
interface CutNodes {
  /** The new OME-Zarr attributes of groups. */
  readonly attributes: ReadonlyMap<AbsolutePath, JsonObject>;
  readonly windows: ReadonlyMap<AbsolutePath, ArrayWindow>;
  readonly recuts?: ReadonlyMap<AbsolutePath, Recut> | undefined;
  readonly hidden: ReadonlySet<AbsolutePath>;
}

/** The rewritten metadata documents of changed nodes, by their keys. */
export function cutDocuments(
  { nodes }: Hierarchy,
  { attributes, windows, recuts, hidden }: CutNodes,
): Map<AbsolutePath, Uint8Array> {
  const documents = new Map<AbsolutePath, Uint8Array>();
  const put = (path: AbsolutePath, name: string, document: JsonObject): void => {
    documents.set(joinKey(path, name), stringifyJson(document));
  };
  const nameOf = ({ zarrFormat }: ArrayNode): string => (zarrFormat === 3 ? "zarr.json" : ".zarray");
  for (const [path, window] of windows) put(path, nameOf(window.node), windowDocument(window));
  for (const [path, recut] of recuts ?? []) put(path, nameOf(recut.node), plainDocument(recut));
  for (const node of nodes.values()) {
    if (node.kind === "array" || isIn(node.path, hidden)) continue;
    const own = attributes.get(node.path);
    const isNamespaced = omeMetadataOf(node)?.namespaced ?? false;
    const all = own && (isNamespaced ? { ...node.attributes, ome: own } : own);
    if (node.zarrFormat === 2 && all !== undefined) put(node.path, ".zattrs", all);
    // A copy of the metadata below the group would be outdated.
    const isStale = Object.hasOwn(node.document, "consolidated_metadata");
    if (node.zarrFormat === 3 && (all !== undefined || isStale)) {
      const document = omitMember(node.document, "consolidated_metadata");
      put(node.path, "zarr.json", all ? { ...document, attributes: all } : document);
    }
  }
  return documents;
}

/**
 * The nodes that a selection leaves out by name: label images, and nodes that are not part of an image.
 *
 * @throws NotFoundError if there is no such node
 * @throws UsageError if the node is an image or a level, or contains one
 */
function leftOutNodes(hierarchy: Hierarchy, { leaveOut = [] }: TransferSelection): AbsolutePath[] {
  const { nodes, broken, location } = hierarchy;
  const left = leaveOut.map((name): AbsolutePath => `/${name.replace(/^\/+|\/+$/g, "")}`);
  const all = new Set(left);
  for (const path of left) {
    const isThere = (one: AbsolutePath): boolean => isIn(one, new Set([path]));
    if ([...nodes.keys()].some(isThere) || broken.some((one) => isThere(one.path))) continue;
    throw new NotFoundError(`there is no node ${path} in ${location} to leave out: check the path`, {
      location,
      path,
    });
  }
  for (const path of left.length === 0 ? [] : nodes.keys()) {
    const image = imageAt(hierarchy, path);
    if (image === undefined || (image.kind === "label-image" && isIn(path, all))) continue;
    const levels = image.multiscales.flatMap((multiscale) => multiscale.levels);
    const needed = [path, ...levels.map((level) => level.path)].find((one) => isIn(one, all));
    if (needed === undefined) continue;
    throw new UsageError(
      `${needed} in ${location} is part of the image ${path} and cannot be left out: take other images with --path, and other levels with --levels`,
    );
  }
  return left;
}

/** Whether a path is one of the nodes, or lies in one of them. */
export function isIn(path: AbsolutePath, nodes: ReadonlySet<AbsolutePath>): boolean {
  for (let at = path; ; at = parentKey(at)) {
    if (nodes.has(at)) return true;
    if (at === "/") return false;
  }
}
