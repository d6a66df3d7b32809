import * as v from "valibot";
import type { OmeVersion } from "../model.js";
import { hasCoordinateSystems } from "../version-names.js";
import { type CoordinateSchemas, SCHEMAS_06, SCHEMAS_09 } from "./coordinate-schemas.js";
import {
  anything,
  bool,
  counting,
  exactlyOne,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  type Schema,
  text,
} from "./json-schema.js";

/** "multiscales metadata" of 0.4 and 0.5. */
function multiscales(version: string): Schema {
  const dataset = object({ path: text(), coordinateTransformations: transformations });
  const multiscale = object({
    ...(version === "0.4" && { version: optional(oneOf("0.4")) }),
    name: optional(text()),
    datasets: list(dataset, { least: 1 }),
    axes,
    coordinateTransformations: optional(transformations),
  });
  return list(multiscale, { least: 1, unique: true });
}

const axis = object({ name: text(), type: optional(text()) });

/** The official schemas count an axis without a type as one of space, and only one whose unit is text. */
const measuredAxis = object({ name: text(), type: optional(text()), unit: optional(text()) });
const spaceAxis = object({ name: optional(text()), type: optional(oneOf("space")) });
const anyAxis: Schema = v.lazy((value) => (v.is(spaceAxis, value) ? measuredAxis : axis));

const axes: Schema = v.pipe(
  list(anyAxis, { least: 2, most: 5, unique: true }),
  counting(spaceAxis, { least: 2, most: 3 }, "must have two or three axes of type space"),
);

const numbers = list(number(), { least: 2 });

const transformation = exactlyOne(
  [
    object({ type: oneOf("scale"), scale: numbers }),
    object({ type: oneOf("translation"), translation: numbers }),
  ],
  "must be a scale or a translation with a list of two or more numbers",
);

const scale = object({ type: oneOf("scale") });

const transformations: Schema = v.pipe(
  list(transformation, { least: 1 }),
  counting(scale, { least: 1, most: 1 }, "must have exactly one scale"),
);

const NAME = /^[A-Za-z0-9]+$/;
const WELL_PATH = /^[A-Za-z0-9]+\/[A-Za-z0-9]+$/;
const LETTERS_AND_DIGITS = "must consist of letters and digits only";

/** The `version` that objects may have in 0.4. */
function ownVersion(version: string): Record<string, Schema> {
  return version === "0.4" ? { version: optional(oneOf("0.4")) } : {};
}

/** "plate metadata". */
function plate(version: string): Schema {
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

/** "well metadata"; from 0.6 on, images may have any name of a Zarr node. */
function well(version: SchemaVersion): Schema {
  const path = hasCoordinateSystems(version)
    ? text(
        /^(?!\.+$)(?!__)[A-Za-z0-9_.-]+$/,
        "must consist of letters, digits, _, - and ., not only of dots, and not begin with __",
      )
    : text(NAME, LETTERS_AND_DIGITS);
  const image = object({ path, acquisition: optional(integer()) });
  return object({ ...ownVersion(version), images: list(image, { least: 1, unique: true }) });
}

/** "labels metadata": `image-label`. */
function imageLabel(version: string): Schema {
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

/**
 * "omero metadata (transitional)": only the schema of 0.4 requires a window and a colour of each channel, and that of
 * 0.9.dev1 no limits of a slider.
 */
function omero(version: SchemaVersion): Schema {
  const requiredIn04 = version === "0.4" ? (schema: Schema) => schema : optional;
  const isDraft = version === "0.9.dev1";
  const limit = isDraft ? optional(number()) : number();
  const window = object({ start: number(), min: limit, end: number(), max: limit });
  const channel = object({
    window: requiredIn04(window),
    color: requiredIn04(text()),
    label: optional(text()),
    ...(isDraft ? { inverted: optional(bool) } : { family: optional(text()) }),
    active: optional(bool),
  });
  return object({ channels: list(channel) });
}

/** The versions with schemas. Those of 0.1 to 0.3, which are no longer written, are not included. */
export type SchemaVersion = Extract<OmeVersion, "0.4" | "0.5" | "0.6" | "0.9.dev1">;

/** Whether the schemas of a version are included. */
export function hasSchemas(version: OmeVersion): version is SchemaVersion {
  return Object.hasOwn(SCHEMAS, version);
}

/** What a schema describes; `series` is the group `OME` of a bioformats2raw collection. */
export type SchemaKind = "image" | "label" | "plate" | "well" | "bioformats2raw" | "series" | "scene";

/** The schemas of a kind of metadata. */
interface DocumentSchema {
  /** What the specification says with MUST, as far as schemas cover it. */
  readonly required: Schema;
  /** What it says with SHOULD. */
  readonly recommended: Schema | undefined;
}

/** The schemas of a kind of metadata in a version; undefined where the version does not have that kind. */
export function documentSchema(version: SchemaVersion, kind: SchemaKind): DocumentSchema | undefined {
  return SCHEMAS[version].get(kind);
}

/** The member of the metadata that describes each kind. */
export const SCHEMA_KEYS: Readonly<Record<SchemaKind, string>> = {
  image: "multiscales",
  label: "image-label",
  plate: "plate",
  well: "well",
  bioformats2raw: "bioformats2raw.layout",
  series: "series",
  scene: "scene",
};

const VERSIONS = {
  "0.4": [],
  "0.5": ["0.5"],
  // 0.6rc0 has the same members as the release, so its data is valid.
  "0.6": ["0.6", "0.6rc0"],
  "0.9.dev1": ["0.9.dev1"],
} as const satisfies Record<SchemaVersion, readonly string[]>;

function schemasOf(
  version: SchemaVersion,
  coordinates?: CoordinateSchemas,
): ReadonlyMap<SchemaKind, DocumentSchema> {
  const parts: Partial<Record<SchemaKind, Schema>> = {
    image: coordinates?.multiscales ?? multiscales(version),
    label: imageLabel(version),
    plate: plate(version),
    well: well(version),
    bioformats2raw: oneOf(3),
    series: list(text()),
    ...(coordinates && { scene: coordinates.scene }),
  };
  const kinds = Object.keys(parts) as SchemaKind[];
  return new Map(
    kinds.map((kind) => [
      kind,
      { required: required(version, kind, parts[kind] ?? anything), recommended: recommended(version, kind) },
    ]),
  );
}

/** Before 0.5, the member itself determines the kind of metadata, so the schemas require only the image's. */
function required(version: SchemaVersion, kind: SchemaKind, part: Schema): Schema {
  const extra = kind === "image" ? { omero: optional(omero(version)) } : {};
  if (version === "0.4")
    return object({ [SCHEMA_KEYS[kind]]: kind === "image" ? part : optional(part), ...extra });
  return object({
    ome: object({ version: oneOf(...VERSIONS[version]), [SCHEMA_KEYS[kind]]: part, ...extra }),
  });
}

function recommended(version: SchemaVersion, kind: SchemaKind): Schema | undefined {
  const own = version === "0.4" ? { version: anything } : {};
  const parts: Partial<Record<SchemaKind, Schema>> = {
    image: list(object({ name: anything, type: anything, metadata: anything, ...own })),
    label: object({ colors: anything, ...own }),
    plate: object({
      name: anything,
      acquisitions: optional(list(object({ name: anything, maximumfieldcount: anything }))),
      ...own,
    }),
    ...(version === "0.4" && { well: object(own) }),
  };
  const part = parts[kind];
  if (part === undefined) return undefined;
  const member = object({ [SCHEMA_KEYS[kind]]: optional(part) });
  return version === "0.4" ? member : object({ ome: member });
}

const SCHEMAS: Readonly<Record<SchemaVersion, ReadonlyMap<SchemaKind, DocumentSchema>>> = {
  "0.4": schemasOf("0.4"),
  "0.5": schemasOf("0.5"),
  "0.6": schemasOf("0.6", SCHEMAS_06),
  "0.9.dev1": schemasOf("0.9.dev1", SCHEMAS_09),
};
