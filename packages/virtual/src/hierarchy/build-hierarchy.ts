import type { AbsolutePath, JsonObject } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { joinKey } from "@ozx/core/internal";
import { axesOf, imageDocument } from "./image-document.js";
import { arrayDocument, type VirtualArray } from "./virtual-array.js";
import type { AxisName, PlateLayout, VirtualImage } from "./virtual-image.js";

/** What a file, or a set of files, holds. */
export interface VirtualContent {
  /** At least one. */
  readonly images: readonly VirtualImage[];
  /** How the images make up a plate; undefined where they do not. */
  readonly plate?: PlateLayout | undefined;
  /** Further metadata of the whole, by the name of what wrote it. */
  readonly attributes?: JsonObject | undefined;
  /** Documents that are kept as they are, by their keys. */
  readonly documents?: ReadonlyMap<AbsolutePath, Uint8Array> | undefined;
}

/** Which level of which image an array is. */
export interface LevelPlace {
  readonly image: number;
  readonly level: number;
  readonly path: AbsolutePath;
}

/** The Zarr hierarchy that a file is presented as. */
export interface VirtualHierarchy<Plan extends VirtualArray> {
  /** All documents by key: those of groups and arrays, and those that are kept as they are. */
  readonly documents: ReadonlyMap<AbsolutePath, Uint8Array>;
  /** The arrays by path. */
  readonly arrays: ReadonlyMap<AbsolutePath, Plan>;
}

/**
 * Presents images as OME-Zarr 0.5: an image, a plate, or a bioformats2raw collection.
 *
 * @param planOf makes the array of a level, with these axes; what it throws is thrown
 */
export function buildHierarchy<Plan extends VirtualArray>(
  content: VirtualContent,
  planOf: (place: LevelPlace, axes: readonly AxisName[]) => Plan,
): VirtualHierarchy<Plan> {
  const { images, plate, attributes = {} } = content;
  const documents = new Map<AbsolutePath, Uint8Array>();
  const arrays = new Map<AbsolutePath, Plan>();
  const add = (path: AbsolutePath, document: JsonObject): void => {
    documents.set(joinKey(path, "zarr.json"), encode(JSON.stringify(document)));
  };
  const addImage: AddImage = (path, number, axes, more = {}) => {
    const image = images[number];
    if (image === undefined) return;
    const merged = { ...image, attributes: mergeAttributes(more, image.attributes) };
    const paths = image.levels.map((_, k) => String(k));
    add(path, imageDocument(merged, axes, paths));
    for (const level of image.levels.keys()) {
      const arrayPath = joinKey(path, String(level));
      const plan = planOf({ image: number, level, path: arrayPath }, axes);
      arrays.set(arrayPath, plan);
      add(arrayPath, arrayDocument(plan));
    }
  };
  if (plate !== undefined) {
    addPlate(plate, images, add, addImage);
    add("/", group({ ...plateAttributes(plate), ...attributes }));
  } else if (images.length === 1) {
    addImage("/", 0, axesOf(images), attributes);
  } else {
    const series = images.map((_, k) => String(k));
    add("/", group({ ome: { version: "0.5", "bioformats2raw.layout": 3 }, ...attributes }));
    add("/OME", group({ ome: { version: "0.5", series } }));
    for (const [k, image] of images.entries()) addImage(`/${k}`, k, axesOf([image]));
  }
  for (const [key, bytes] of content.documents ?? []) documents.set(key, bytes);
  return { documents, arrays };
}

/** Adds the image of a number at a path. */
type AddImage = (
  path: AbsolutePath,
  image: number,
  axes: readonly AxisName[],
  attributes?: JsonObject,
) => void;

/** What is said of the whole and of an image in it, by who says it. */
function mergeAttributes(whole: JsonObject, own: JsonObject = {}): JsonObject {
  const both = Object.keys(whole).flatMap((key): [string, JsonObject][] => {
    const [one, other] = [whole[key], own[key]];
    return isJsonObject(one) && isJsonObject(other) ? [[key, { ...one, ...other }]] : [];
  });
  return { ...whole, ...own, ...Object.fromEntries(both) };
}

function plateAttributes({ name, rows, columns, wells, acquisitions }: PlateLayout): JsonObject {
  const plate = {
    ...(name !== undefined && { name }),
    rows: rows.map((row) => ({ name: row })),
    columns: columns.map((column) => ({ name: column })),
    wells: wells.map(({ row, column }) => ({
      path: `${rows[row]}/${columns[column]}`,
      rowIndex: row,
      columnIndex: column,
    })),
    field_count: Math.max(0, ...wells.map(({ fields }) => fields.length)),
    ...(acquisitions && { acquisitions }),
  };
  return { ome: { version: "0.5", plate } };
}

function addPlate(
  { rows, columns, wells }: PlateLayout,
  images: readonly VirtualImage[],
  add: (path: AbsolutePath, document: JsonObject) => void,
  addImage: AddImage,
): void {
  const pathOf = (row: number, column: number): string => `${rows[row]}/${columns[column]}`;
  // Viewers show fields side by side, so all have the same axes.
  const axes = axesOf(wells.flatMap(({ fields }) => fields.flatMap(({ image }) => images[image] ?? [])));
  for (const row of new Set(wells.map((well) => well.row))) add(`/${rows[row]}`, group({}));
  for (const { row, column, fields } of wells) {
    const path: AbsolutePath = `/${pathOf(row, column)}`;
    const listed = fields.map(({ acquisition }, k) => ({
      path: String(k),
      ...(acquisition !== undefined && { acquisition }),
    }));
    add(path, group({ ome: { version: "0.5", well: { images: listed } } }));
    for (const [k, { image }] of fields.entries()) addImage(joinKey(path, String(k)), image, axes);
  }
}

function group(attributes: JsonObject): JsonObject {
  return { zarr_format: 3, node_type: "group", attributes };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
