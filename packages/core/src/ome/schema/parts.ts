import { bool, integer, list, number, object, oneOf, optional, type Schema, text } from "./json.js";

/** The parts that differ little from version to version. */

const NAME = /^[A-Za-z0-9]+$/;
const WELL_PATH = /^[A-Za-z0-9]+\/[A-Za-z0-9]+$/;
const LETTERS_AND_DIGITS = "must be made of letters and digits only";

/** Where a version lets an object carry its own version: 0.4, and nowhere else. */
function ownVersion(version: string): Record<string, Schema> {
  return version === "0.4" ? { version: optional(oneOf("0.4")) } : {};
}

/** "plate metadata" */
export function plate(version: string): Schema {
  const named = object({ name: text(NAME, LETTERS_AND_DIGITS) });
  const well = object({
    path: text(WELL_PATH, "must be a row and a column, as in A/1"),
    rowIndex: integer({ least: 0 }),
    columnIndex: integer({ least: 0 }),
  });
  const acquisition = object({
    id: integer({ least: 0 }),
    maximumfieldcount: optional(integer({ least: 1 })),
    name: optional(text()),
    description: optional(text()),
    starttime: optional(integer({ least: 0 })),
    endtime: optional(integer({ least: 0 })),
  });
  return object({
    ...ownVersion(version),
    acquisitions: optional(list(acquisition)),
    field_count: optional(integer({ least: 1 })),
    name: optional(text()),
    columns: list(named, { least: 1, unique: true }),
    rows: list(named, { least: 1, unique: true }),
    wells: list(well, { least: 1, unique: true }),
  });
}

/** "well metadata"; 0.6 lets images have any name that a Zarr node may have. */
export function well(version: string): Schema {
  const path =
    version === "0.6"
      ? text(
          /^(?!\.+$)(?!__)[A-Za-z0-9_.-]+$/,
          "must be made of letters, digits, _, - and ., not only of dots, and not begin with __",
        )
      : text(NAME, LETTERS_AND_DIGITS);
  const image = object({ path, acquisition: optional(integer()) });
  return object({ ...ownVersion(version), images: list(image, { least: 1, unique: true }) });
}

/** "labels metadata": `image-label` */
export function imageLabel(version: string): Schema {
  const color = object({
    "label-value": number(),
    rgba: optional(list(integer({ least: 0, most: 255 }), { least: 4, most: 4 })),
  });
  return object({
    ...ownVersion(version),
    colors: optional(list(color, { least: 1, unique: true })),
    properties: optional(list(object({ "label-value": integer() }), { least: 1, unique: true })),
    source: optional(object({ image: optional(text()) })),
  });
}

/** "omero metadata (transitional)": 0.4 asks each channel for a window and a colour, later schemas do not. */
export function omero(version: string): Schema {
  const need = version === "0.4" ? (schema: Schema) => schema : optional;
  const window = object({ start: number(), min: number(), end: number(), max: number() });
  const channel = object({
    window: need(window),
    color: need(text()),
    label: optional(text()),
    family: optional(text()),
    active: optional(bool),
  });
  return object({ channels: list(channel) });
}
