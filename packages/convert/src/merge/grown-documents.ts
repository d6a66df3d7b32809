import { type AbsolutePath, InvalidMetadataError, type JsonObject, type ZarrNode } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { joinKey, omeMetadataOf, omitMember } from "@ozx/core/internal";
import { compareNames, type PlacedField } from "./plate-documents.js";

/** A document of a node, and its key. */
export type KeyedDocument = readonly [key: AbsolutePath, document: JsonObject];

/**
 * The document of a plate with more fields. New rows and columns take their places among the others where these are in
 * order, as A before B, and follow them otherwise. All that is not about them is kept.
 *
 * @param node of the plate
 * @param fieldCounts the number of fields of each well that gets some, with the new ones, by its path as in `B/3`
 * @throws InvalidMetadataError where the node lists no rows, columns and wells
 */
export function grownPlate(
  node: ZarrNode,
  fields: readonly PlacedField[],
  fieldCounts: ReadonlyMap<string, number>,
): KeyedDocument {
  return withMember(node, "plate", grownPlateMembers(node, fields, fieldCounts));
}

/** What {@link grownPlate} puts into the document: its `plate`. */
export function grownPlateMembers(
  node: ZarrNode,
  fields: readonly PlacedField[],
  fieldCounts: ReadonlyMap<string, number>,
): JsonObject {
  const plate = membersOf(node, "plate");
  const rows = grownAxis(
    namedIn(node, plate, "rows"),
    fields.map(({ row }) => row),
  );
  const columns = grownAxis(
    namedIn(node, plate, "columns"),
    fields.map(({ column }) => column),
  );
  const listed = namedIn(node, plate, "wells").map((well) => moveWell(well, rows.moved, columns.moved));
  const known = new Set(listed.map((well) => well["path"]));
  const added = [...new Set(fields.map(({ row, column }) => `${row}/${column}`))].filter(
    (path) => !known.has(path),
  );
  const wells = [
    ...listed,
    ...added.map((path) => {
      const [row = "", column = ""] = path.split("/");
      return { path, rowIndex: rows.names.indexOf(row), columnIndex: columns.names.indexOf(column) };
    }),
  ];
  const count = plate["field_count"];
  const most = Math.max(0, ...fieldCounts.values());
  const acquisitions = grownAcquisitions(plate["acquisitions"], fields);
  return {
    ...plate,
    rows: rows.members,
    columns: columns.members,
    wells: isInOrder(listed) ? wells.sort(compareWells) : wells,
    ...(typeof count === "number" && { field_count: Math.max(count, most) }),
    ...(acquisitions !== undefined && { acquisitions }),
  };
}

/**
 * The document of a well with more fields.
 *
 * @throws InvalidMetadataError where the node does not list its images
 */
export function grownWell(node: ZarrNode, fields: readonly PlacedField[]): KeyedDocument {
  const well = membersOf(node, "well");
  const images = [
    ...namedIn(node, well, "images"),
    ...fields.map(({ field, acquisition }) => ({
      path: field,
      ...(acquisition !== undefined && { acquisition }),
    })),
  ];
  return withMember(node, "well", { ...well, images });
}

/** The document of a collection's group `OME` with more images; `series` are those of all of them, in their order. */
export function grownSeries(
  node: ZarrNode,
  { version, series }: { readonly version: string; readonly series: readonly string[] },
): KeyedDocument {
  const [key, document] = withMember(node, "series", series);
  return node.zarrFormat === 2 || omeMetadataOf(node) !== undefined
    ? [key, document]
    : withMember({ ...node, attributes: { ...node.attributes, ome: { version } } }, "series", series);
}

/** A node's document with another member of its OME-Zarr metadata. */
function withMember(node: ZarrNode, name: string, value: unknown): KeyedDocument {
  if (node.zarrFormat === 2) return [joinKey(node.path, ".zattrs"), { ...node.attributes, [name]: value }];
  const ome = node.attributes["ome"];
  const attributes = { ...node.attributes, ome: { ...(isJsonObject(ome) ? ome : {}), [name]: value } };
  // The copies of other nodes' metadata in it would lack what is added.
  return [
    joinKey(node.path, "zarr.json"),
    { ...omitMember(node.document, "consolidated_metadata"), attributes },
  ];
}

function membersOf(node: ZarrNode, name: string): JsonObject {
  const value = omeMetadataOf(node)?.attributes[name];
  return isJsonObject(value) ? value : {};
}

function namedIn(node: ZarrNode, members: JsonObject, name: string): JsonObject[] {
  const list = members[name];
  if (Array.isArray(list) && list.every(isJsonObject)) return list;
  throw new InvalidMetadataError(
    `the metadata of ${node.path} have no valid list of ${name}: ozx validate says what is wrong with them`,
    { location: node.path, path: node.path },
  );
}

interface GrownAxis {
  readonly members: readonly JsonObject[];
  readonly names: readonly string[];
  /** The new indices by the old ones. */
  readonly moved: readonly number[];
}

function grownAxis(members: readonly JsonObject[], names: readonly string[]): GrownAxis {
  const nameOf = ({ name }: JsonObject): string => String(name);
  const before = members.map(nameOf);
  const added = [...new Set(names)].filter((name) => !before.includes(name)).map((name) => ({ name }));
  const isSorted = before.every((name, k) => k === 0 || compareNames(before[k - 1] ?? "", name) <= 0);
  const all = [...members, ...added];
  if (isSorted) all.sort((a, b) => compareNames(nameOf(a), nameOf(b)));
  return { members: all, names: all.map(nameOf), moved: members.map((member) => all.indexOf(member)) };
}

function moveWell(well: JsonObject, rows: readonly number[], columns: readonly number[]): JsonObject {
  const move = (name: string, moved: readonly number[]): JsonObject => {
    const index = moved[Number(well[name])];
    return index === undefined ? {} : { [name]: index };
  };
  return { ...well, ...move("rowIndex", rows), ...move("columnIndex", columns) };
}

function isInOrder(wells: readonly JsonObject[]): boolean {
  return wells.every((well, k) => k === 0 || compareWells(wells[k - 1] ?? well, well) < 0);
}

function compareWells(a: JsonObject, b: JsonObject): number {
  return Number(a["rowIndex"]) - Number(b["rowIndex"]) || Number(a["columnIndex"]) - Number(b["columnIndex"]);
}

/** The acquisitions of a plate, with those of new fields; undefined where there are none. */
function grownAcquisitions(listed: unknown, fields: readonly PlacedField[]): unknown {
  const known: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const ids = new Set(known.map((one) => (isJsonObject(one) ? one["id"] : undefined)));
  const added = [...new Set(fields.flatMap(({ acquisition }) => acquisition ?? []))].filter(
    (id) => !ids.has(id),
  );
  return added.length === 0 ? listed : [...known, ...added.map((id) => ({ id }))];
}
