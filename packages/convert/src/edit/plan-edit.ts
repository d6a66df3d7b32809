import {
  type AbsolutePath,
  type Hierarchy,
  type JsonObject,
  type ReadOptions,
  readHierarchy,
  type Store,
  UsageError,
} from "@ozx/core";
import { joinKey, notOmeZarr, omeMetadataOf, storeAt, stringifyJson } from "@ozx/core/internal";
import { editImage } from "./edit-image.js";
import { editAcquisitions, moveWells, plateAt } from "./edit-plate.js";
import type { MetadataEdit } from "./edit-request.js";
import { editsOf } from "./editable-metadata.js";
import { updateCopies } from "./metadata-copies.js";
import { type MovedEntry, movedEntries } from "./moved-entries.js";
import { movedPath, type NodeMove, reversed } from "./node-move.js";
import { refuseViolations } from "./refuse-violations.js";
import {
  attributesDocument,
  attributesKey,
  imagesBelow,
  isSame,
  membersAt,
  nameOfNode,
  setMembers,
  type WorkingCopy,
  workingCopy,
} from "./working-copy.js";

/** A document before and after an edit; undefined where there is none. */
export interface ChangedDocument {
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** What an edit changes. */
export interface EditPlan {
  readonly documents: ReadonlyMap<AbsolutePath, ChangedDocument>;
  /** The nodes of wells that get other paths. */
  readonly moves: readonly NodeMove[];
  /** Their entries. */
  readonly moved: readonly MovedEntry[];
}

/** What is edited. */
export interface EditRequest {
  readonly edits?: readonly MetadataEdit[] | undefined;
  /** The JSON that {@link describeEditable} returns, with other values; they are changed before `edits`. */
  readonly from?: unknown;
}

/**
 * Plans changes of metadata. Reads the documents of what is edited, of all below it and above it, and no pixels; nothing is
 * written.
 *
 * Of all that an edit does not name, nothing changes. Label images follow the scale, translation and units of their image,
 * and the lower levels those of the largest. Documents keep the version of OME-Zarr that they have.
 *
 * @throws NotFoundError for a node that is not there
 * @throws UnknownFormatError where the root is edited, and is not OME-Zarr
 * @throws UsageError for axes, channels and wells that are not there, for values that are not possible, and naming the
 * rule of OME-Zarr or Zarr that the result would violate where the hierarchy does not violate it already
 * @throws UnsupportedError for OME-Zarr before 0.4, and levels that are placed by more than a scale and a translation
 */
export async function planEdit(
  store: Store,
  { edits = [], from }: EditRequest,
  options?: ReadOptions,
): Promise<EditPlan> {
  const paths = edits.map(({ path = "/" }) => path);
  const hierarchy = await readEdited(store, paths, { ...options, isWhole: from !== undefined });
  const working = workingCopy(hierarchy);
  const moves: NodeMove[] = [];
  for (const edit of from === undefined ? edits : [...editsOf(from, hierarchy), ...edits])
    moves.push(...applyEdit(working, edit));
  const edited = changedPaths(hierarchy, working, moves);
  const removed = [...hierarchy.nodes.values()].filter(
    ({ path }) => !working.nodes.has(movedPath(path, moves)),
  );
  const removedPaths = removed.map(({ path }) => path);
  const copies = await updateCopies(store, working, edited, { moves, removed: removedPaths, ...options });
  const changed = changedPaths(hierarchy, working, moves);
  if (changed.length > 0 || moves.length > 0)
    await refuseViolations(hierarchy, working, { changed, moves, ...options });
  const documents = new Map<AbsolutePath, ChangedDocument>();
  const add = async (key: AbsolutePath, after: JsonObject): Promise<void> => {
    documents.set(key, { before: await store.get(key, options), after: stringifyJson(after) });
  };
  for (const path of changed) {
    const node = working.nodes.get(path);
    if (node === undefined) continue;
    const isNewV2 = node.zarrFormat === 2 && !hierarchy.nodes.has(path);
    if (isNewV2) await add(joinKey(path, ".zgroup"), node.document);
    else await add(attributesKey(node), attributesDocument(node));
  }
  for (const [key, document] of copies) await add(key, document);
  for (const { path, zarrFormat } of removed) {
    for (const name of zarrFormat === 2 ? [".zgroup", ".zattrs"] : ["zarr.json"]) {
      const before = await store.get(joinKey(path, name), options);
      if (before !== undefined) documents.set(joinKey(path, name), { before, after: undefined });
    }
  }
  return { documents, moves, moved: await movedEntries(store, moves, options) };
}

/**
 * Reads what edits of nodes need of a hierarchy: where all are of one node, what is around it.
 *
 * @param isWhole whether all of it is needed
 */
async function readEdited(
  store: Store,
  paths: readonly AbsolutePath[],
  { isWhole, ...options }: ReadOptions & { readonly isWhole: boolean },
): Promise<Hierarchy> {
  const [first = "/", ...others] = new Set(paths);
  // Refuses a node that is not there, and suggests others.
  for (const path of [first, ...others]) await storeAt(store, path, options);
  const around = isWhole || others.length > 0 ? "/" : first;
  const hierarchy = await readHierarchy(store, { ...options, around });
  const root = hierarchy.nodes.get("/");
  if (paths.includes("/") && (root === undefined || omeMetadataOf(root) === undefined))
    throw notOmeZarr(store, hierarchy);
  return hierarchy;
}

/**
 * The nodes whose documents change where they are, or are new.
 *
 * @throws UsageError for one that is edited and moved
 */
function changedPaths(before: Hierarchy, { nodes }: WorkingCopy, moves: readonly NodeMove[]): AbsolutePath[] {
  const changed: AbsolutePath[] = [];
  const back = reversed(moves);
  for (const [path, node] of nodes) {
    const from = movedPath(path, back);
    const old = before.nodes.get(from);
    if (node === old) continue;
    const isEqual = isSame([node.attributes, node.document], [old?.attributes, old?.document]);
    if (isEqual) continue;
    if (from !== path)
      throw new UsageError(
        `${path} cannot be edited while its well is moved: move wells by a command of their own`,
      );
    changed.push(path);
  }
  return changed;
}

/** Applies one edit to a working copy; returns the nodes that it moves. */
function applyEdit(working: WorkingCopy, edit: MetadataEdit): readonly NodeMove[] {
  const { path = "/", name, axes, unit, channels, acquisitions, wells } = edit;
  const what = nameOfNode(working, path);
  const members = membersAt(working, path);
  const isImage = Object.hasOwn(members, "multiscales");
  if (isImage) editImage(working, path, edit);
  else if (axes !== undefined || unit !== undefined || channels !== undefined) {
    const images = imagesBelow(working, path);
    if (images.length === 0) throw new UsageError(`${what} contains no images`);
    for (const image of images) editImage(working, image, { ...edit, name: undefined });
  }
  const plate = plateAt(working, path);
  if (plate === undefined) {
    if (name !== undefined && !isImage)
      throw new UsageError(`${what} is neither an image nor a plate, so it has no name`);
    if (acquisitions === undefined && wells === undefined) return [];
    throw new UsageError(
      `${what} is not a plate, so it has no ${wells === undefined ? "acquisitions" : "wells"}`,
    );
  }
  if (name !== undefined) setMembers(working, path, { plate: { ...plate, name } });
  if (acquisitions !== undefined) editAcquisitions(working, path, acquisitions);
  return wells === undefined ? [] : moveWells(working, path, wells);
}
