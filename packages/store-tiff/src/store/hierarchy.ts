import { type AbsolutePath, type JsonObject, UnsupportedError } from "@ozx/core";
import { joinKey } from "@ozx/core/internal";
import type { Layout, PlateLayout, TiffImage } from "../layouts/layout.js";
import { type ArrayPlan, type AxisName, arrayDocument, planArray } from "./array-plan.js";
import { axesOf, imageDocument } from "./image-document.js";

/** The Zarr hierarchy that a layout is presented as. */
export interface VirtualHierarchy {
  /** All documents by key: those of groups and arrays, and the OME-XML. */
  readonly documents: ReadonlyMap<AbsolutePath, Uint8Array>;
  /** The arrays by path. */
  readonly arrays: ReadonlyMap<AbsolutePath, ArrayPlan>;
}

/**
 * Presents a layout as OME-Zarr 0.5: an image, a plate, or a bioformats2raw collection.
 *
 * @param name of the file, for errors
 * @throws UnsupportedError where pixels are of a type or compression that cannot be read
 */
export function buildHierarchy(layout: Layout, name: string): VirtualHierarchy {
  const { images, plate, omeXml } = layout;
  const documents = new Map<AbsolutePath, Uint8Array>();
  const arrays = new Map<AbsolutePath, ArrayPlan>();
  const add = (path: AbsolutePath, document: JsonObject): void => {
    documents.set(joinKey(path, "zarr.json"), encode(JSON.stringify(document)));
  };
  const addImage = (path: AbsolutePath, image: TiffImage, axes: readonly AxisName[]): void => {
    const paths = image.levels.map((_, k) => String(k));
    add(path, imageDocument(image, axes, paths));
    for (const [k, level] of image.levels.entries()) {
      const plan = planArray(level, image.sizes, axes);
      const arrayPath = joinKey(path, String(k));
      if (typeof plan === "string") throw unsupported(name, arrayPath, images.length > 1, plan);
      arrays.set(arrayPath, plan);
      add(arrayPath, arrayDocument(plan));
    }
  };
  const [first] = images;
  if (plate !== undefined) {
    addPlate(plate, images, add, addImage);
  } else if (images.length === 1 && first !== undefined) {
    addImage("/", first, axesOf([first]));
  } else {
    const series = images.map((_, k) => String(k));
    add("/", group({ ome: { version: "0.5", "bioformats2raw.layout": 3 } }));
    add("/OME", group({ ome: { version: "0.5", series } }));
    for (const [k, image] of images.entries()) addImage(`/${k}`, image, axesOf([image]));
  }
  if (omeXml !== undefined) documents.set("/OME/METADATA.ome.xml", withoutPadding(omeXml));
  return { documents, arrays };
}

function addPlate(
  { name, rows, columns, wells, acquisitions }: PlateLayout,
  images: readonly TiffImage[],
  add: (path: AbsolutePath, document: JsonObject) => void,
  addImage: (path: AbsolutePath, image: TiffImage, axes: readonly AxisName[]) => void,
): void {
  const pathOf = (row: number, column: number): string => `${rows[row]}/${columns[column]}`;
  // Viewers show fields side by side, so all have the same axes.
  const axes = axesOf(wells.flatMap(({ fields }) => fields.flatMap(({ image }) => images[image] ?? [])));
  const plate = {
    ...(name !== undefined && { name }),
    rows: rows.map((row) => ({ name: row })),
    columns: columns.map((column) => ({ name: column })),
    wells: wells.map(({ row, column }) => ({
      path: pathOf(row, column),
      rowIndex: row,
      columnIndex: column,
    })),
    field_count: Math.max(0, ...wells.map(({ fields }) => fields.length)),
    ...(acquisitions && { acquisitions }),
  };
  add("/", group({ ome: { version: "0.5", plate } }));
  for (const row of new Set(wells.map((well) => well.row))) add(`/${rows[row]}`, group({}));
  for (const { row, column, fields } of wells) {
    const path: AbsolutePath = `/${pathOf(row, column)}`;
    const listed = fields.map(({ acquisition }, k) => ({
      path: String(k),
      ...(acquisition !== undefined && { acquisition }),
    }));
    add(path, group({ ome: { version: "0.5", well: { images: listed } } }));
    for (const [k, { image }] of fields.entries()) {
      const found = images[image];
      if (found !== undefined) addImage(joinKey(path, String(k)), found, axes);
    }
  }
}

/** Text without the NULs that end it in a TIFF. */
function withoutPadding(text: Uint8Array): Uint8Array {
  let end = text.length;
  while (end > 0 && text[end - 1] === 0) end--;
  return text.subarray(0, end);
}

function group(attributes: JsonObject): JsonObject {
  return { zarr_format: 3, node_type: "group", attributes };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function unsupported(
  name: string,
  path: AbsolutePath,
  isOneOfMany: boolean,
  feature: string,
): UnsupportedError {
  const what = isOneOfMany
    ? `${name} cannot be read: its image ${path.slice(1)}`
    : `${name} cannot be read: it`;
  return new UnsupportedError(`${what} ${feature}; save it without that from the program that wrote it`, {
    location: name,
    feature,
  });
}
