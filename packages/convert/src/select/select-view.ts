import {
  type AbsolutePath,
  type Finding,
  type JsonObject,
  type ReadOptions,
  readHierarchy,
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
  partView,
  pathsFrom,
  readNodes,
  readOmeInSlices,
  resolvePath,
  storeAt,
  writtenSource,
} from "@ozx/core/internal";
import { cutDocuments, cutHierarchy, type HierarchyCut, isIn } from "./cut-hierarchy.js";
import { chunkWindow, type TransferSelection } from "./fit-ranges.js";

/**
 * A part of an OME-Zarr hierarchy as a store: one of its nodes, some levels, ranges of its axes. Chunks have the bytes of
 * the source, and metadata describes the part. Closing the view closes the source.
 *
 * @throws NotFoundError if there is no node at the path, naming the present ones, or no node to leave out
 * @throws UnknownFormatError if the node at the path is not OME-Zarr by itself
 * @throws UsageError if a range cuts through chunks, naming ranges that do not, or an axis is unknown
 * @throws UnsupportedError, InvalidMetadataError if the metadata cannot express the part
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
  const cut = cutHierarchy(hierarchy, selection);
  for (const { path: node, error } of hierarchy.broken) if (!isIn(node, cut.hidden)) throw error;
  if (cut.images === 0) throw new UsageError(`${store.name} contains no image to take a part of`);
  const missing = Object.keys(ranges).find((name) => !cut.axes.has(name));
  if (missing !== undefined) {
    throw new UsageError(`${store.name} has no axis ${missing}; its axes are ${[...cut.axes].join(", ")}`);
  }
  return viewOf(store, cut);
}

/** One node as a store. */
async function nodeAlone(source: Store, path: string, options?: ReadOptions): Promise<Store> {
  const store = await storeAt(source, path, options);
  const root = resolvePath("/", path);
  if (store === source || root === undefined) return store;
  await refusePlain(store, source, options);
  return withoutSourcesOutside(store, root, options);
}

/** Refuses a node that is not OME-Zarr by itself: a row, a level, a table. */
async function refusePlain(store: Store, source: Store, options?: ReadOptions): Promise<void> {
  const node = await readOmeInSlices(await readNodes(store, ["/"], options), "/", options);
  if (node.kind !== "group" && node.kind !== "array" && node.kind !== "labels") return;
  const path = store.name.slice(source.name.length + 1);
  const what =
    node.kind === "array" ? "an array" : node.kind === "labels" ? "a list of label images" : "a group";
  const hierarchy = await readHierarchy(store, options);
  const hasOme = [...hierarchy.nodes.values()].some((one) => omeVersionOf(one) !== undefined);
  if (!hasOme && node.kind !== "array") {
    throw new UnknownFormatError(
      `${path} in ${source.name} is ${what} and contains no image: give the path of an image, a label image, a plate or a well`,
      { location: source.name, path },
    );
  }
  const below = await pathsFrom(store, "/", options);
  const hint =
    node.kind === "array"
      ? "give the path of its image, and its level with --levels"
      : below.length > 0
        ? `give the path of one of ${formatPaths(below.map((name): AbsolutePath => `/${path}${name}`))}`
        : "give the path of an image or a well";
  throw new UnknownFormatError(`${path} in ${source.name} is ${what}, and not OME-Zarr by itself: ${hint}`, {
    location: source.name,
    path,
  });
}

/**
 * Removes `source` from label images whose image is not below the node: the path would lead out of the output.
 *
 * @param store the node as a store
 * @param root the path of the node in the store that it is taken from; not the root of that store
 */
async function withoutSourcesOutside(
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
  const nodes = { attributes, hidden: new Set<AbsolutePath>(), windows: new Map() };
  return viewOf(store, { ...nodes, documents: cutDocuments(hierarchy, nodes), findings });
}

function viewOf(
  store: Store,
  {
    documents,
    hidden,
    windows,
    findings,
  }: Pick<HierarchyCut, "documents" | "hidden" | "windows" | "findings">,
): Store {
  const decoder = new TextDecoder();
  const view = partView(store, store.name, {
    documents: [...documents].map(([key, bytes]) => [key, decoder.decode(bytes)]),
    hidden: [...hidden],
    windows: [...windows].map(([path, window]) => [path, chunkWindow(window)]),
  });
  return { ...view, findings: [...view.findings, ...findings] };
}

function sourceDropped(where: AbsolutePath, path: AbsolutePath, image: string): Finding {
  return {
    rule: "label-source-dropped",
    level: "policy",
    severity: "warning",
    where,
    message: `The label image ${path} no longer names its image ${image}, which is not part of the output.`,
    help: "To keep them together, take the image: its label images are included.",
  };
}
