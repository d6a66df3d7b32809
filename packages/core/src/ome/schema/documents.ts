import type { OmeVersion } from "../model.js";
import { anything, list, object, oneOf, optional, type Schema, text } from "./json.js";
import { multiscales } from "./multiscales.js";
import { multiscales06, scene06 } from "./multiscales-06.js";
import { imageLabel, omero, plate, well } from "./parts.js";

/** The versions that have schemas here; there are none for 0.1 to 0.3, which nobody writes any more. */
export type SchemaVersion = Extract<OmeVersion, "0.4" | "0.5" | "0.6">;

/** What a schema describes; `series` is the group `OME` of a bioformats2raw collection. */
export type SchemaKind = "image" | "label" | "plate" | "well" | "bioformats2raw" | "series" | "scene";

export interface DocumentSchema {
  /** What the specification says MUST be, as far as schemas decide it. */
  readonly required: Schema;
  /** What it says SHOULD be there as well. */
  readonly recommended: Schema | undefined;
}

/** The schemas of a version's attributes, by what they describe. Scenes came with 0.6. */
export function documentSchema(version: SchemaVersion, kind: SchemaKind): DocumentSchema | undefined {
  return SCHEMAS[version].get(kind);
}

/** The member that a kind of metadata is under. */
export const KEYS: Readonly<Record<SchemaKind, string>> = {
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
  // The release candidate's fields are those of the release, and its data stays valid.
  "0.6": ["0.6", "0.6rc0"],
} as const satisfies Record<SchemaVersion, readonly string[]>;

function schemasOf(version: SchemaVersion): ReadonlyMap<SchemaKind, DocumentSchema> {
  const parts: Partial<Record<SchemaKind, Schema>> = {
    image: version === "0.6" ? multiscales06 : multiscales(version),
    label: imageLabel(version),
    plate: plate(version),
    well: well(version),
    bioformats2raw: oneOf(3),
    series: list(text()),
    ...(version === "0.6" && { scene: scene06 }),
  };
  const kinds = Object.keys(parts) as SchemaKind[];
  return new Map(
    kinds.map((kind) => [
      kind,
      { required: required(version, kind, parts[kind] ?? anything), recommended: recommended(version, kind) },
    ]),
  );
}

/** Before 0.5 the key is what makes it one kind or another, so only the image's is asked for. */
function required(version: SchemaVersion, kind: SchemaKind, part: Schema): Schema {
  const extra = kind === "image" ? { omero: optional(omero(version)) } : {};
  if (version === "0.4") return object({ [KEYS[kind]]: kind === "image" ? part : optional(part), ...extra });
  return object({ ome: object({ version: oneOf(...VERSIONS[version]), [KEYS[kind]]: part, ...extra }) });
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
  const member = object({ [KEYS[kind]]: optional(part) });
  return version === "0.4" ? member : object({ ome: member });
}

const SCHEMAS: Readonly<Record<SchemaVersion, ReadonlyMap<SchemaKind, DocumentSchema>>> = {
  "0.4": schemasOf("0.4"),
  "0.5": schemasOf("0.5"),
  "0.6": schemasOf("0.6"),
};
