import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { UnknownFormatError, UsageError } from "../../errors.js";
import { omeVersionOf, resolvePath } from "../../ome/ome-metadata.js";
import { readOme } from "../../ome/read-ome.js";
import { pathsFrom, spellPaths, storeAt } from "../../open/store-at.js";
import type { AbsolutePath, Store } from "../../store/store.js";
import { readHierarchy, readNodes } from "../../zarr/read-hierarchy.js";
import { editHierarchy } from "./edit-hierarchy.js";
import { withoutSourcesOutside } from "./label-sources.js";
import { isIn } from "./leave-out.js";
import { describePart, partView } from "./part-view.js";
import type { TransferSelection } from "./selection.js";

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
  const edits = editHierarchy(hierarchy, selection);
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
        ? `give the path of one of ${spellPaths(below.map((name): AbsolutePath => `/${path}${name}`))}`
        : "give the path of an image or a well";
  throw new UnknownFormatError(`${path} in ${source.name} is ${what} and no OME-Zarr by itself: ${ways}`, {
    location: source.name,
    path,
  });
}
