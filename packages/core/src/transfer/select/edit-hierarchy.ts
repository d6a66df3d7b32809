import { UsageError } from "../../errors.js";
import type { Finding } from "../../findings.js";
import type { Image, LabelImage } from "../../ome/model.js";
import { member, omeMetadataOf, resolvePath } from "../../ome/ome-metadata.js";
import { omeXmlKey } from "../../ome/read-ome.js";
import { imageAt } from "../../ome/versions/upgrade-to-05.js";
import type { AbsolutePath } from "../../store/store.js";
import { keyName, parentKey } from "../../store/store-keys.js";
import type { JsonObject } from "../../zarr/json.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { ArrayWindow } from "./array-window.js";
import { editImage } from "./edit-image.js";
import { editedDocuments } from "./edited-documents.js";
import { isIn, leftOutNodes } from "./leave-out.js";
import { spellSpan, type TransferSelection } from "./selection.js";

/** What has to change in a hierarchy for a part of its images to be taken. */
export interface HierarchyEdits {
  /** Metadata documents that are written anew, by their keys. */
  readonly documents: ReadonlyMap<AbsolutePath, Uint8Array>;
  /** Nodes that are left out, with all below them. */
  readonly hidden: ReadonlySet<AbsolutePath>;
  readonly windows: ReadonlyMap<AbsolutePath, ArrayWindow>;
  readonly findings: readonly Finding[];
  /** How many images and label images there are, and the names of all their axes. */
  readonly images: number;
  readonly axes: ReadonlySet<string>;
}

/**
 * Takes levels and ranges of every image of a hierarchy, and of the label images in them.
 *
 * @throws UsageError, UnsupportedError, InvalidMetadataError as `editImage` does
 */
export function editHierarchy(hierarchy: Hierarchy, selection: TransferSelection): HierarchyEdits {
  const { location } = hierarchy;
  const attributes = new Map<AbsolutePath, JsonObject>();
  const windows = new Map<AbsolutePath, ArrayWindow>();
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
    const edited = editImage(written, { location, image, owner }, selection);
    if (edited === undefined) {
      if (image === owner) throw noSuchLevels(image, selection, location);
      hidden.add(image.path);
      findings.push(labelLeftOut(image, selection));
      continue;
    }
    attributes.set(image.path, edited.attributes);
    for (const window of edited.windows) windows.set(window.node.path, window);
    for (const path of edited.kept) kept.add(path);
    for (const path of edited.dropped) hidden.add(path);
  }
  // Two images may share an array.
  for (const path of kept) hidden.delete(path);
  for (const [path, list] of shorterLabels(hierarchy, hidden)) attributes.set(path, list);
  return {
    documents: editedDocuments(hierarchy, { attributes, windows, hidden }),
    hidden,
    windows,
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

/** The image that a label image lies in; any other image is its own. */
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

/** Images of a collection may have fewer; but one must have as many. */
function refuseLevelsBeyond(
  images: ReadonlyMap<AbsolutePath, FoundImage>,
  selection: TransferSelection,
  location: string,
): void {
  const { stop } = selection.levels ?? {};
  const count = ({ multiscales }: Image | LabelImage): number =>
    Math.max(...multiscales.map(({ levels }) => levels.length));
  const found = [...images.values()].map(({ image }) => image).sort((a, b) => count(b) - count(a));
  const [most] = found;
  if (stop === undefined || most === undefined || stop <= count(most)) return;
  throw noSuchLevels(most, selection, location);
}

function noSuchLevels(
  { path, multiscales: [{ levels }] }: Image | LabelImage,
  selection: TransferSelection,
  location: string,
): UsageError {
  const which = levels.length === 1 ? "only level 0" : `levels 0 to ${levels.length - 1}`;
  return new UsageError(
    `levels ${spellLevels(selection)} are not in the image ${path} in ${location}, which has ${which}`,
  );
}

function labelLeftOut({ path }: Image | LabelImage, selection: TransferSelection): Finding {
  return {
    rule: "left-out",
    level: "policy",
    severity: "warning",
    where: path,
    message: `The label image ${path} is left out: it has none of the levels ${spellLevels(selection)}.`,
    help: "Take more levels to keep it.",
  };
}

function spellLevels({ levels }: TransferSelection): string {
  return levels === undefined ? "" : spellSpan(levels);
}

/** The lists of label images without those that are left out, by the path of the group `labels`. */
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
      return path === undefined || !hidden.has(path);
    });
    if (left.length < list.length) yield [node.path, { ...written, labels: left }];
  }
}

/** The OME-XML of a collection tells the sizes of whole images. */
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
      message: "The OME-XML of the collection is copied as it is, and tells the sizes of the whole images.",
      help: "Readers take sizes from the Zarr arrays; take one image with --path to leave the OME-XML out.",
    },
  ];
}
