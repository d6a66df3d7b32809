import {
  type AbsolutePath,
  type Finding,
  type Hierarchy,
  type JsonObject,
  type ReadOptions,
  readHierarchy,
  type Store,
  UsageError,
} from "@ozx/core";
import { compareKeys, isBelow, sortInSlices } from "@ozx/core/container";
import { checkNodes, joinKey, stringifyJson } from "@ozx/core/internal";
import { checkOme } from "@ozx/core/validate";
import { editImage } from "./edit-image.js";
import { moveWells, plateAt, withAcquisitions } from "./edit-plate.js";
import type { MetadataEdit } from "./edit-request.js";
import { editsOf } from "./editable-metadata.js";
import { type NodeMove, updateCopies } from "./metadata-copies.js";
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

/** An entry that gets another key. */
export interface MovedEntry {
  readonly from: AbsolutePath;
  readonly to: AbsolutePath;
  /** Bytes. */
  readonly size: number;
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
 * Plans changes of metadata. Reads the documents of the hierarchy, and no pixels; nothing is written.
 *
 * Of all that an edit does not name, nothing changes. Label images follow the scale, translation and units of their image,
 * and the lower levels those of the largest. Documents keep the version of OME-Zarr that they have.
 *
 * @throws UsageError for what is not there, for values that are not possible, and naming the rule of OME-Zarr or Zarr
 * that the result would violate where the hierarchy does not violate it already
 * @throws UnsupportedError for OME-Zarr before 0.4, and levels that are placed by more than a scale and a translation
 */
export async function planEdit(
  store: Store,
  { edits = [], from }: EditRequest,
  options?: ReadOptions,
): Promise<EditPlan> {
  const hierarchy = await readHierarchy(store, options);
  const working = workingCopy(hierarchy);
  const moves: NodeMove[] = [];
  for (const edit of from === undefined ? edits : [...editsOf(from, hierarchy), ...edits])
    moves.push(...applyEdit(working, edit));
  const edited = changedPaths(hierarchy, working, moves);
  const copies = await updateCopies(store, working, edited, { moves, ...options });
  const paths = changedPaths(hierarchy, working, moves);
  if (paths.length > 0 || moves.length > 0) await refuseViolations(hierarchy, working, options);
  const documents = new Map<AbsolutePath, ChangedDocument>();
  const add = async (key: AbsolutePath, after: JsonObject): Promise<void> => {
    documents.set(key, { before: await store.get(key, options), after: stringifyJson(after) });
  };
  for (const path of paths) {
    const node = working.nodes.get(path);
    if (node === undefined) continue;
    const isNewV2 = node.zarrFormat === 2 && !hierarchy.nodes.has(path);
    if (isNewV2) await add(joinKey(path, ".zgroup"), node.document);
    else await add(attributesKey(node), attributesDocument(node));
  }
  for (const [key, document] of copies) await add(key, document);
  return { documents, moves, moved: await movedEntries(store, moves, options) };
}

/**
 * The nodes whose documents change where they are, or are new.
 *
 * @throws UsageError for one that is edited and moved
 */
function changedPaths(before: Hierarchy, { nodes }: WorkingCopy, moves: readonly NodeMove[]): AbsolutePath[] {
  const changed: AbsolutePath[] = [];
  for (const [path, node] of nodes) {
    const move = moves.find(({ to }) => path === to || isBelow(path, to));
    const old = before.nodes.get(
      move === undefined ? path : (`${move.from}${path.slice(move.to.length)}` as AbsolutePath),
    );
    if (node === old) continue;
    const isEqual = isSame([node.attributes, node.document], [old?.attributes, old?.document]);
    if (isEqual) continue;
    if (move !== undefined)
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
  if (acquisitions !== undefined)
    setMembers(working, path, { plate: withAcquisitions({ ...plateAt(working, path) }, acquisitions, what) });
  return wells === undefined ? [] : moveWells(working, path, wells);
}

/**
 * The entries of nodes that are moved.
 *
 * @throws UsageError where something is at the new path
 */
export async function movedEntries(
  store: Store,
  moves: readonly NodeMove[],
  options?: ReadOptions,
): Promise<MovedEntry[]> {
  const moved: MovedEntry[] = [];
  for (const { from, to } of moves) {
    const keys = new Set<AbsolutePath>();
    for await (const { key, size } of store.list({ ...options, prefix: from })) {
      const entry = { from: key, to: `${to}${key.slice(from.length)}` as AbsolutePath, size };
      moved.push(entry);
      keys.add(entry.to);
    }
    // What a killed run has left in a folder is replaced.
    for await (const { key } of store.list({ ...options, prefix: to })) {
      if (keys.has(key)) continue;
      throw new UsageError(
        `${key.slice(1)} is in ${store.name}: remove what is at ${to.slice(1)}, or choose another place`,
      );
    }
  }
  return moved;
}

/** Refuses a result with errors that were not there before. */
async function refuseViolations(
  before: Hierarchy,
  working: WorkingCopy,
  options?: ReadOptions,
): Promise<void> {
  const nodes = [...working.nodes];
  const sorted = await sortInSlices(nodes, ([one], [other]) => compareKeys(one, other), options);
  const errors = await errorsIn({ ...working, nodes: new Map(sorted) }, options);
  if (errors.length === 0) return;
  const known = new Map<string, number>();
  for (const { rule, where } of await errorsIn(before, options)) {
    known.set(`${rule} ${where}`, (known.get(`${rule} ${where}`) ?? 0) + 1);
  }
  for (const { rule, where, message } of errors) {
    const left = known.get(`${rule} ${where}`) ?? 0;
    known.set(`${rule} ${where}`, left - 1);
    if (left > 0) continue;
    throw new UsageError(
      `nothing is changed in ${before.location}, because the result would violate ${rule}: ${message}`,
    );
  }
}

async function errorsIn(hierarchy: Hierarchy, options?: ReadOptions): Promise<Finding[]> {
  return [...checkNodes(hierarchy), ...(await checkOme(hierarchy, options))].filter(
    ({ severity }) => severity === "error",
  );
}
