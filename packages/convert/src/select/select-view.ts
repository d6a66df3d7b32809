import {
  type AbsolutePath,
  type ChunkWorkers,
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
  inlineWorkers,
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
import { axisNamed, byAxisNames } from "../chunks/axis-named.js";
import { recutView } from "../recut/recut-view.js";
import { cutDocuments, cutHierarchy, type HierarchyCut, isIn } from "./cut-hierarchy.js";
import { chunkWindow, type TransferSelection } from "./fit-ranges.js";

/** Options of {@link selectView}. */
export interface SelectOptions extends ReadOptions {
  /** Decode the chunks that are cut; in this thread by default. Their owner closes them, after the view. */
  readonly workers?: ChunkWorkers | undefined;
  /** About how much memory decoded chunks may take that are needed again, in bytes; 512 MiB by default. */
  readonly memory?: number | undefined;
}

/** By default. */
const MEMORY = 512 * 1024 * 1024;
/** Of the memory, what decoded chunks have that wait; the rest is for those that are decoded and encoded. */
const KEPT = 0.5;

/**
 * A part of an OME-Zarr hierarchy as a store: one of its nodes, some levels, ranges of its axes; with other chunks, a
 * projection, other values. Where chunks stay whole they have the bytes of the source. All others are made when they are
 * read: the store shows them without compression, and `planTransfer` has them encoded as those of the source are. Metadata
 * describes the part. Closing the view closes the source.
 *
 * @throws NotFoundError if there is no node at the path, naming the present ones, or no node to leave out
 * @throws UnknownFormatError if the node at the path is not OME-Zarr by itself
 * @throws UsageError if a range lies outside the image, or an axis or a channel is unknown
 * @throws UnsupportedError, InvalidMetadataError if the metadata cannot express the part, or pixels cannot be decoded
 */
export async function selectView(
  source: Store,
  selection: TransferSelection,
  options?: SelectOptions,
): Promise<Store> {
  const { path, levels, ranges = {}, leaveOut = [], chunks = {}, project, rescale } = selection;
  const store = path === undefined ? source : await nodeAlone(source, path, options);
  const asked = [...Object.keys(ranges), ...Object.keys(chunks), ...(project ? [project.axis] : [])];
  const isWhole = levels === undefined && rescale === undefined && asked.length + leaveOut.length === 0;
  if (isWhole) return store;
  const hierarchy = await readHierarchy(store, options);
  const whole = cutHierarchy(hierarchy, selection);
  const named = withAxisNames(selection, whole.axes);
  const cut = named === selection ? whole : cutHierarchy(hierarchy, named);
  for (const { path: node, error } of hierarchy.broken) if (!isIn(node, cut.hidden)) throw error;
  if (cut.images === 0) throw new UsageError(`${store.name} contains no image to take a part of`);
  const missing = asked.find((name) => !cut.axes.has(axisNamed(name, cut.axes)));
  if (missing !== undefined) {
    throw new UsageError(`${store.name} has no axis ${missing}; its axes are ${[...cut.axes].join(", ")}`);
  }
  const view = viewOf(store, cut);
  const { recuts, remade } = cut;
  if (recuts.size === 0 && remade.size === 0) return view;
  const { workers = inlineWorkers(), memory = MEMORY } = options ?? {};
  const parts = { base: view, pixels: store, recuts };
  return recutView(parts, { workers, memory: memory * KEPT, remade });
}

/** A selection with the names of axes that images have; the same one where it has them already. */
function withAxisNames(selection: TransferSelection, axes: ReadonlySet<string>): TransferSelection {
  const { ranges = {}, chunks = {}, project } = selection;
  const asked = [...Object.keys(ranges), ...Object.keys(chunks), ...(project ? [project.axis] : [])];
  if (asked.every((name) => axisNamed(name, axes) === name)) return selection;
  return {
    ...selection,
    ranges: byAxisNames(ranges, axes),
    ...(selection.chunks && { chunks: byAxisNames(chunks, axes) }),
    ...(project && { project: { ...project, axis: axisNamed(project.axis, axes) } }),
  };
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
