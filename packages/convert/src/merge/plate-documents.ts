import { type AbsolutePath, type JsonObject, type Plate, UsageError } from "@ozx/core";
import { compareKeys } from "@ozx/core/container";
import { joinKey, stringifyJson } from "@ozx/core/internal";

/** A field with its place in a plate. */
export interface PlacedField {
  readonly row: string;
  readonly column: string;
  readonly field: string;
  readonly acquisition: number | undefined;
}

/** How documents are written. */
export interface DocumentStyle {
  readonly zarrFormat: 2 | 3;
  /** The version of OME-Zarr as it is written. */
  readonly version: string;
}

/**
 * The documents of a plate above its fields: those of the plate, its rows and wells.
 *
 * @throws UsageError where some fields of several acquisitions have none
 */
export function plateDocuments(
  fields: readonly PlacedField[],
  plate: { readonly name: string | undefined; readonly acquisitions: Plate["acquisitions"] },
  style: DocumentStyle,
): Map<AbsolutePath, Uint8Array> {
  const rows = namesOf(fields.map(({ row }) => row));
  const columns = namesOf(fields.map(({ column }) => column));
  const wells = new Map<string, PlacedField[]>();
  for (const field of fields) {
    const path = `${field.row}/${field.column}`;
    const well = wells.get(path);
    if (well === undefined) wells.set(path, [field]);
    else well.push(field);
  }
  const order = [...wells].sort(([a], [b]) => compareWells(a, b, rows, columns));
  const acquisitions = acquisitionsOf(fields, plate.acquisitions);
  const listed = order.map(([path]) => {
    const [row = "", column = ""] = path.split("/");
    return { path, rowIndex: rows.indexOf(row), columnIndex: columns.indexOf(column) };
  });
  const documents = new Map<AbsolutePath, Uint8Array>();
  const described = {
    ...(plate.name !== undefined && { name: plate.name }),
    rows: rows.map((name) => ({ name })),
    columns: columns.map((name) => ({ name })),
    wells: listed,
    field_count: order.reduce((most, [, own]) => Math.max(most, own.length), 0),
    ...(acquisitions.length > 0 && { acquisitions }),
  };
  addGroup(documents, "/", { plate: described }, style);
  for (const row of rows) addGroup(documents, `/${row}`, undefined, style);
  for (const [path, own] of order) {
    const images = own
      .sort((a, b) => compareKeys(a.field, b.field))
      .map(({ field, acquisition }) => ({
        path: field,
        ...(acquisition !== undefined && { acquisition }),
      }));
    addGroup(documents, `/${path}`, { well: { images } }, style);
  }
  return documents;
}

/** The documents of a collection of images, which are at `/0`, `/1` and so on. */
export function collectionDocuments(
  series: readonly string[],
  style: DocumentStyle,
): Map<AbsolutePath, Uint8Array> {
  const documents = new Map<AbsolutePath, Uint8Array>();
  addGroup(documents, "/", { "bioformats2raw.layout": 3 }, style);
  addGroup(documents, "/OME", { series }, style);
  return documents;
}

function addGroup(
  documents: Map<AbsolutePath, Uint8Array>,
  path: AbsolutePath,
  ome: JsonObject | undefined,
  style: DocumentStyle,
): void {
  for (const [key, document] of groupDocuments(path, ome, style)) documents.set(key, stringifyJson(document));
}

/** The documents of a group by their keys, with OME-Zarr metadata or without. */
export function groupDocuments(
  path: AbsolutePath,
  ome: JsonObject | undefined,
  { zarrFormat, version }: DocumentStyle,
): (readonly [AbsolutePath, JsonObject])[] {
  if (zarrFormat === 3) {
    const attributes = ome === undefined ? {} : { ome: { version, ...ome } };
    return [[joinKey(path, "zarr.json"), { zarr_format: 3, node_type: "group", attributes }]];
  }
  const group = [joinKey(path, ".zgroup"), { zarr_format: 2 }] as const;
  return ome === undefined ? [group] : [group, [joinKey(path, ".zattrs"), withVersions(ome, version)]];
}

/** Before 0.5, a plate and a well have a version of their own. */
function withVersions(ome: JsonObject, version: string): JsonObject {
  const members = Object.entries(ome).map(([key, value]): [string, unknown] => [
    key,
    key === "plate" || key === "well" ? { version, ...(value as JsonObject) } : value,
  ]);
  return Object.fromEntries(members);
}

function namesOf(names: readonly string[]): string[] {
  return [...new Set(names)].sort(compareNames);
}

/** Orders the names of rows or columns: A to Z before AA, and numbers by their value. */
export function compareNames(a: string, b: string): number {
  return (/^\D*$/.test(a + b) ? a.length - b.length : 0) || compareKeys(a, b);
}

function compareWells(a: string, b: string, rows: readonly string[], columns: readonly string[]): number {
  const [rowA = "", columnA = ""] = a.split("/");
  const [rowB = "", columnB = ""] = b.split("/");
  return rows.indexOf(rowA) - rows.indexOf(rowB) || columns.indexOf(columnA) - columns.indexOf(columnB);
}

/** The acquisitions that fields belong to, as far as known with what the inputs say of them. */
function acquisitionsOf(fields: readonly PlacedField[], known: Plate["acquisitions"]): JsonObject[] {
  const ids = new Set(fields.flatMap(({ acquisition }) => acquisition ?? []));
  const [without] = fields.filter(({ acquisition }) => acquisition === undefined);
  if (ids.size > 1 && without !== undefined) {
    const { row, column, field } = without;
    throw new UsageError(
      `the fields belong to ${ids.size} acquisitions, and ${row}/${column}/${field} to none: give the acquisition of each in the layout`,
    );
  }
  return [...ids]
    .sort((a, b) => a - b)
    .map((id) => {
      const { name, description, maximumFieldCount, startTime, endTime } =
        known.find((one) => one.id === id) ?? {};
      return {
        id,
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(maximumFieldCount !== undefined && { maximumfieldcount: maximumFieldCount }),
        ...(startTime !== undefined && { starttime: startTime }),
        ...(endTime !== undefined && { endtime: endTime }),
      };
    });
}
