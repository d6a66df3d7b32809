import { type AbsolutePath, type JsonObject, UsageError } from "@ozx/core";
import { isBelow, isJsonObject, parentKey } from "@ozx/core/container";
import { joinKey, listOf, member, omeMetadataOf } from "@ozx/core/internal";
import { grownPlateMembers } from "../merge/grown-documents.js";
import type { AcquisitionEdit, WellMove } from "./edit-request.js";
import { movedPath, type NodeMove } from "./node-move.js";
import { membersAt, nameOfNode, requireList, setMembers, type WorkingCopy } from "./working-copy.js";

/** The `plate` of a node; undefined where the node is not a plate. */
export function plateAt(working: WorkingCopy, path: AbsolutePath): JsonObject | undefined {
  const node = working.nodes.get(path);
  if (node === undefined) return undefined;
  const plate = member(membersAt(working, path), "plate");
  return isJsonObject(plate) ? plate : undefined;
}

/**
 * Edits acquisitions of a plate. One that it does not list is added where images of its wells have it.
 *
 * @param path of the plate
 * @throws UsageError for one that neither the plate nor a well has
 */
export function editAcquisitions(
  working: WorkingCopy,
  path: AbsolutePath,
  edits: readonly AcquisitionEdit[],
): void {
  const what = nameOfNode(working, path);
  const plate = plateAt(working, path) ?? {};
  const listed = plate["acquisitions"] === undefined ? [] : requireList(plate, "acquisitions", what);
  const ids = listed.map(({ id }) => id);
  const unlisted = new Set(edits.map(({ id }) => id).filter((id) => !ids.includes(id)));
  const used = unlisted.size === 0 ? [] : acquisitionsOfWells(working, path);
  for (const id of unlisted) {
    if (used.includes(id)) continue;
    const others = used.filter((one) => !ids.includes(one));
    const known = [
      `it lists ${ids.length === 0 ? "none" : ids.join(", ")}`,
      `its wells ${others.length === 0 ? "have no others" : `also have ${others.join(", ")}`}`,
    ];
    throw new UsageError(`${what} has no acquisition ${id}: ${known.join(", and ")}`);
  }
  const added = used.filter((id) => unlisted.has(id)).map((id): JsonObject => ({ id }));
  const acquisitions = [...listed, ...added].map((acquisition) => {
    const own = edits.filter(({ id }) => id === acquisition["id"]);
    const name = own.findLast((edit) => edit.name !== undefined)?.name;
    const description = own.findLast((edit) => edit.description !== undefined)?.description;
    return {
      ...acquisition,
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
    };
  });
  setMembers(working, path, { plate: { ...plate, acquisitions } });
}

/** The acquisitions that images of the wells of a plate have, from the smallest on. */
function acquisitionsOfWells({ nodes }: WorkingCopy, plate: AbsolutePath): number[] {
  const ids = new Set<number>();
  for (const [path, node] of nodes) {
    if (parentKey(parentKey(path)) !== plate) continue;
    const well = member(omeMetadataOf(node)?.attributes ?? {}, "well");
    for (const { acquisition } of isJsonObject(well) ? listOf(well, "images") : [])
      if (typeof acquisition === "number") ids.add(acquisition);
  }
  return [...ids].sort((one, other) => one - other);
}

/**
 * Gives wells of a plate other places: in the documents of the plate and its rows, and by the paths of the nodes.
 *
 * @param path of the plate
 * @returns the paths of the wells before and after
 * @throws UsageError for a well that the plate does not list, and a place that is taken
 */
export function moveWells(working: WorkingCopy, path: AbsolutePath, moves: readonly WellMove[]): NodeMove[] {
  const what = nameOfNode(working, path);
  const plate = plateAt(working, path) ?? {};
  const wells = requireList(plate, "wells", what);
  const byPath = new Map(wells.map((well) => [well["path"], well]));
  const taken = new Set<string>();
  for (const { from, to } of moves) {
    if (!byPath.has(from)) throw new UsageError(`${what} lists no well ${from}: it has ${wellNames(wells)}`);
    if (!/^[A-Za-z0-9]+\/[A-Za-z0-9]+$/.test(to))
      throw new UsageError(`a well has a row and a column, as in B/4, not ${to}`);
    if (byPath.has(to) || taken.has(to) || taken.has(from))
      throw new UsageError(`the place ${to} in ${what} is taken: choose another one`);
    taken.add(to).add(from);
  }
  const left = wells.filter((well) => !moves.some(({ from }) => from === well["path"]));
  setMembers(working, path, { plate: { ...plate, wells: left } });
  const node = working.nodes.get(path);
  if (node === undefined) return [];
  const fields = moves.map(({ to }) => {
    const [row = "", column = ""] = to.split("/");
    return { row, column, field: "", acquisition: undefined };
  });
  const placed = grownPlateMembers(node, fields, new Map());
  const from = new Map(moves.map((move) => [move.to, move.from]));
  const described = listOf(placed, "wells").map((well) => {
    const before = byPath.get(from.get(String(well["path"])));
    return before === undefined ? well : { ...before, ...well };
  });
  setMembers(working, path, { plate: { ...placed, wells: described } });
  const moved = moves.map((move) => ({ from: joinKey(path, move.from), to: joinKey(path, move.to) }));
  for (const move of moved) moveNodes(working, move);
  for (const row of new Set(moved.map((move) => parentKey(move.from)))) removeEmptyGroup(working, row);
  return moved;
}

/** A row without wells keeps others, such as iohub, from finding those of the other rows. */
function removeEmptyGroup({ nodes, broken }: WorkingCopy, path: AbsolutePath): void {
  const node = nodes.get(path);
  const isEmpty = node?.kind === "group" && Object.keys(node.attributes).length === 0;
  const others = [...nodes.keys(), ...broken.map((one) => one.path)];
  if (isEmpty && !others.some((other) => isBelow(other, path))) nodes.delete(path);
}

function wellNames(wells: readonly JsonObject[]): string {
  const names = wells.map(({ path }) => String(path));
  return names.length > 12 ? `${names.slice(0, 12).join(", ")} and more` : names.join(", ");
}

/** Moves the nodes of a well, with a group for its row where that is new. */
function moveNodes({ nodes }: WorkingCopy, move: NodeMove): void {
  const { from, to } = move;
  const well = nodes.get(from);
  const row = parentKey(to);
  if (well !== undefined && !nodes.has(row)) {
    const { zarrFormat } = well;
    const document = zarrFormat === 2 ? { zarr_format: 2 } : { zarr_format: 3, node_type: "group" };
    nodes.set(row, { kind: "group", path: row, zarrFormat, document, attributes: {} });
  }
  for (const [path, node] of [...nodes]) {
    const moved = movedPath(path, [move]);
    if (moved === path) continue;
    nodes.delete(path);
    nodes.set(moved, { ...node, path: moved });
  }
}
