import {
  type AbsolutePath,
  type Hierarchy,
  type JsonObject,
  type Plate,
  type ReadOptions,
  UsageError,
} from "@ozx/core";
import { keyName, parseJsonObject } from "@ozx/core/container";
import { joinKey } from "@ozx/core/internal";
import {
  type Collection,
  type ExistingHierarchy,
  type ExistingWell,
  readWells,
} from "./existing-hierarchy.js";
import { grownPlate, grownSeries, grownWell } from "./grown-documents.js";
import type { Mount } from "./joined-store.js";
import { fieldsOf, imagesOf, mountsOf, type PlacedInput, placeImages, positionOf } from "./place-images.js";
import {
  collectionDocuments,
  type DocumentStyle,
  groupDocuments,
  type PlacedField,
  plateDocuments,
} from "./plate-documents.js";

/** What becomes of a plate or collection to which images are added. */
export interface Growth {
  /** The images, at their new paths. */
  readonly mounts: readonly Mount[];
  /** Documents above them, as of a new plate or collection of these images alone. */
  readonly above: Map<AbsolutePath, Uint8Array>;
  /** The nodes above them that exist. */
  readonly hierarchy: Hierarchy;
  /** The documents above them that are changed, or new. */
  readonly documents: Map<AbsolutePath, JsonObject>;
  /** The paths of the groups that get images. */
  readonly parents: readonly AbsolutePath[];
  /** Documents that must be there before the wells are changed: of a plate whose `field_count` becomes larger. */
  readonly before?: ReadonlyMap<AbsolutePath, JsonObject> | undefined;
}

/**
 * Gives each image a field of an existing plate.
 *
 * @throws UsageError where an image has no place, or one that is taken, or lacks an acquisition
 */
export async function growPlate(
  existing: ExistingHierarchy<Plate>,
  inputs: readonly PlacedInput[],
  options?: ReadOptions,
): Promise<Growth> {
  const { store, ome, root, version } = existing;
  const { rows, columns } = ome;
  const paths = new Set<AbsolutePath>();
  for (const input of inputs) {
    for (const image of input.images) {
      const { row, column } = positionOf(input, image, UNKNOWN_POSITION);
      paths.add(joinKey(`/${row}`, column));
    }
  }
  const { hierarchy, wells } = await readWells(existing, [...paths], options);
  const taken = [...wells].flatMap(([path, { fields }]) => {
    const [, row = "", column = ""] = path.split("/");
    return fields.map(({ field }) => ({ row, column, field }));
  });
  const named = ome.wells.map(({ row, column }) => ({ row: rows[row] ?? "", column: columns[column] ?? "" }));
  const placed = placeImages(inputs, {
    plate: { name: store.name, wells: named, fields: taken },
    unknown: UNKNOWN_POSITION,
  });
  const fields = fieldsOf(placed);
  await checkAcquisitions(existing, fields, options);
  const style: DocumentStyle = { zarrFormat: root.zarrFormat, version };
  const documents = new Map<AbsolutePath, JsonObject>();
  const counts = new Map<string, number>();
  for (const [path, well] of wells) {
    const own = fields.filter(({ row, column }) => path === joinKey(`/${row}`, column));
    if (own.length === 0) continue;
    counts.set(path.slice(1), well.fields.length + own.length);
    for (const [key, document] of wellDocuments(path, { well, own, hierarchy }, style))
      documents.set(key, document);
  }
  const [key, document] = grownPlate(root, fields, counts);
  documents.set(key, document);
  const [first] = inputs;
  const above = plateDocuments(fields, { name: undefined, acquisitions: ome.acquisitions }, first ?? style);
  const isMore = Math.max(0, ...counts.values()) > (ome.fieldCount ?? Number.POSITIVE_INFINITY);
  const before = isMore ? new Map([grownPlate(root, [], counts)]) : undefined;
  return { mounts: mountsOf(placed), above, hierarchy, documents, parents: [...paths], before };
}

const UNKNOWN_POSITION = "give its well, as in --well B/3, or name it as in B/03/0.ozx or B03.ozx";

/** The documents of a well with more fields, and of its row where that is new. */
function wellDocuments(
  path: AbsolutePath,
  { well, own, hierarchy }: { well: ExistingWell; own: readonly PlacedField[]; hierarchy: Hierarchy },
  style: DocumentStyle,
): (readonly [AbsolutePath, JsonObject])[] {
  if (well.node !== undefined) return [grownWell(well.node, own)];
  const made = plateDocuments(own, { name: undefined, acquisitions: [] }, style);
  const row = path.slice(0, path.indexOf("/", 1)) as AbsolutePath;
  return [...made].flatMap(([key, bytes]) => {
    const node = key.slice(0, key.lastIndexOf("/"));
    const isNew = node === path || (node === row && !hierarchy.nodes.has(row));
    return isNew ? [[key, parseJsonObject(bytes, { location: path, path: key })] as const] : [];
  });
}

/** The fields of a plate with several acquisitions each belong to one ("well metadata"). */
async function checkAcquisitions(
  existing: ExistingHierarchy<Plate>,
  fields: readonly PlacedField[],
  options?: ReadOptions,
): Promise<void> {
  const { ome, store } = existing;
  const known = new Set(ome.acquisitions.map(({ id }) => id));
  const all = new Set([...known, ...fields.flatMap(({ acquisition }) => acquisition ?? [])]);
  if (all.size < 2) return;
  const without = fields.find(({ acquisition }) => acquisition === undefined);
  if (without !== undefined) {
    throw new UsageError(
      `${store.name} has the acquisitions ${[...known].join(", ")}, and a new field of ${without.row}/${without.column} belongs to none: give one with --acquisition`,
    );
  }
  if (all.size === known.size) return;
  const { wells } = await readWells(
    existing,
    ome.wells.map(({ path }) => path),
    options,
  );
  for (const [path, well] of wells) {
    if (well.fields.every(({ acquisition }) => acquisition !== undefined)) continue;
    throw new UsageError(
      `fields of ${path.slice(1)} in ${store.name} belong to no acquisition, so there cannot be a second one: use ${[...known].join(", ") || "none"}`,
    );
  }
}

/**
 * Gives each image the next number of an existing collection.
 *
 * @throws UsageError for inputs that are wells or plates, or have a position of their own
 */
export function growCollection(
  { store, ome, root, hierarchy, version }: ExistingHierarchy<Collection>,
  inputs: readonly PlacedInput[],
): Growth {
  const images = imagesOf(
    inputs,
    `${store.name} is a collection of images: append to a plate, or take an image out of it first`,
  );
  const before = ome.images.map((path) => keyName(path));
  const next = Math.max(-1, ...before.filter((name) => /^\d{1,9}$/.test(name)).map(Number)) + 1;
  const mounts = images.map(({ store: image }, k): Mount => ({ path: `/${next + k}`, store: image }));
  const names = mounts.map(({ path }) => path.slice(1));
  const documents = new Map<AbsolutePath, JsonObject>();
  const series = [...before, ...names];
  const node = hierarchy.nodes.get("/OME");
  const style: DocumentStyle = { zarrFormat: root.zarrFormat, version };
  if (node !== undefined) {
    const [key, document] = grownSeries(node, { version, series });
    documents.set(key, document);
  } else {
    for (const [key, document] of groupDocuments("/OME", { series }, style)) documents.set(key, document);
  }
  const [first] = inputs;
  const above = collectionDocuments(names, first ?? style);
  return { mounts, above, hierarchy, documents, parents: ["/OME"] };
}
