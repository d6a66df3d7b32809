import {
  type AbsolutePath,
  type Finding,
  type JsonObject,
  type ReadOptions,
  readHierarchy,
  readOme,
  type Store,
  UnknownFormatError,
  UsageError,
} from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  formatPaths,
  member,
  omeMetadataOf,
  omeVersionOf,
  omitMember,
  type PartDescriptor,
  partView,
  pathsFrom,
  readNodes,
  resolvePath,
  storeAt,
  writtenSource,
} from "@ozx/core/internal";
import { cutDocuments, cutHierarchy, type HierarchyCut, isIn } from "./cut-hierarchy.js";
import { chunkWindow, type TransferSelection } from "./fit-ranges.js";

/**
 * A part of an OME-Zarr hierarchy as a store: one node of it, fewer levels, ranges of its axes. Chunks are those of
 * the source, byte for byte; metadata says what is left. Closing it closes the source.
 *
 * @throws NotFoundError when there is no node at the path, naming those that there are
 * @throws UnknownFormatError when the node there is no OME-Zarr of its own
 * @throws NotFoundError when there is no node that is to be left out
 * @throws UsageError when a range does not lie at borders of chunks, naming those that do, or an axis is unknown
 * @throws UnsupportedError, InvalidMetadataError when the metadata cannot be cut
 */
export async function selectView(
  source: Store,
  selection: TransferSelection,
  options?: ReadOptions,
): Promise<Store> {
  const { path, levels, ranges = {}, leaveOut = [] } = selection;
  const store = path === undefined ? source : await nodeAlone(source, path, options);
  if (levels === undefined && Object.keys(ranges).length === 0 && leaveOut.length === 0) return store;
  const hierarchy = await readHierarchy(store, options);
  const edits = cutHierarchy(hierarchy, selection);
  for (const { path: node, error } of hierarchy.broken) if (!isIn(node, edits.hidden)) throw error;
  if (edits.images === 0) throw new UsageError(`${store.name} has no image of which a part could be taken`);
  const missing = Object.keys(ranges).find((name) => !edits.axes.has(name));
  if (missing !== undefined) {
    throw new UsageError(`${store.name} has no axis ${missing}; its axes are ${[...edits.axes].join(", ")}`);
  }
  const view = partView(store, store.name, describePart(edits));
  return { ...view, findings: [...view.findings, ...edits.findings] };
}

async function nodeAlone(source: Store, path: string, options?: ReadOptions): Promise<Store> {
  const store = await storeAt(source, path, options);
  const root = resolvePath("/", path);
  if (store === source || root === undefined) return store;
  await refusePlain(store, source, options);
  return withoutSourcesOutside(store, root, options);
}

/** A row, a level, a table cannot stand alone as OME-Zarr. */
async function refusePlain(store: Store, source: Store, options?: ReadOptions): Promise<void> {
  const node = readOme(await readNodes(store, ["/"], options));
  if (node.kind !== "group" && node.kind !== "array" && node.kind !== "labels") return;
  const path = store.name.slice(source.name.length + 1);
  const what =
    node.kind === "array" ? "an array" : node.kind === "labels" ? "a list of label images" : "a group";
  const hierarchy = await readHierarchy(store, options);
  const hasOme = [...hierarchy.nodes.values()].some((one) => omeVersionOf(one) !== undefined);
  if (!hasOme && node.kind !== "array") {
    throw new UnknownFormatError(
      `${path} in ${source.name} is ${what} and has no image in it: give the path of an image, a label image, a plate or a well`,
      { location: source.name, path },
    );
  }
  const below = await pathsFrom(store, "/", options);
  const ways =
    node.kind === "array"
      ? "give the path of its image, and its level with --levels"
      : below.length > 0
        ? `give the path of one of ${formatPaths(below.map((name): AbsolutePath => `/${path}${name}`))}`
        : "give the path of an image or a well";
  throw new UnknownFormatError(`${path} in ${source.name} is ${what} and no OME-Zarr by itself: ${ways}`, {
    location: source.name,
    path,
  });
}

/** What edits take of a hierarchy, as plain data. */
export function describePart({
  documents,
  hidden,
  windows,
}: Pick<HierarchyCut, "documents" | "hidden" | "windows">): PartDescriptor {
  const decoder = new TextDecoder();
  return {
    documents: [...documents].map(([key, bytes]) => [key, decoder.decode(bytes)]),
    hidden: [...hidden],
    windows: [...windows].map(([path, window]) => [path, chunkWindow(window)]),
  };
}

/**
 * A node as a store of its own in which label images name their images only where these are taken along: the
 * image of a label image that is taken alone stays behind, and a path to it would lead out of the output.
 *
 * @param root where the node lies in the store that it is taken from, not its root
 */
export async function withoutSourcesOutside(
  store: Store,
  root: AbsolutePath,
  options?: ReadOptions,
): Promise<Store> {
  const hierarchy = await readHierarchy(store, options);
  const inSource = (path: AbsolutePath): AbsolutePath => (path === "/" ? root : `${root}${path}`);
  const attributes = new Map<AbsolutePath, JsonObject>();
  const findings: Finding[] = [];
  for (const node of hierarchy.nodes.values()) {
    const written = omeMetadataOf(node)?.attributes;
    const imageLabel = written && member(written, "image-label");
    const image = isJsonObject(imageLabel) ? writtenSource(imageLabel) : undefined;
    if (!isJsonObject(imageLabel) || image === undefined) continue;
    const after = resolvePath(node.path, image);
    if (after !== undefined && inSource(after) === resolvePath(inSource(node.path), image)) continue;
    attributes.set(node.path, { ...written, "image-label": omitMember(imageLabel, "source") });
    findings.push(sourceDropped(node.path, inSource(node.path), image));
  }
  if (attributes.size === 0) return store;
  const hidden = new Set<AbsolutePath>();
  const documents = cutDocuments(hierarchy, { attributes, windows: new Map(), hidden });
  const view = partView(store, store.name, describePart({ documents, hidden, windows: new Map() }));
  return { ...view, findings: [...view.findings, ...findings] };
}

function sourceDropped(where: AbsolutePath, path: AbsolutePath, image: string): Finding {
  return {
    rule: "label-source-dropped",
    level: "policy",
    severity: "warning",
    where,
    message: `The label image ${path} does not name its image ${image} any more, which is not taken along.`,
    help: "Take the image to keep them together: its label images come with it.",
  };
}
