import {
  type AbsolutePath,
  type Hierarchy,
  type OmeNode,
  type Plate,
  type ReadOptions,
  readHierarchy,
  readOme,
  type Store,
  UnknownFormatError,
  UnsupportedError,
} from "@ozx/core";
import { keyName, parentKey } from "@ozx/core/container";
import { joinKey, notOmeZarr, readNodes, storeAt, versionNameOf } from "@ozx/core/internal";
import type { WellPosition } from "./well-positions.js";

/** An image of an input, or something else that lies in a well. */
export interface InputImage {
  /** The store whose root it is. */
  readonly store: Store;
  /** Its path in the input, for messages: `B/03/0 in plate.ozx`. */
  readonly name: string;
  /** The names of its axes; undefined for what is not an image. */
  readonly axes: readonly string[] | undefined;
  /** The position that the input itself tells: of images in plates all of it, in wells the field alone. */
  readonly own: Partial<WellPosition>;
}

/** What one input of a merge contains. */
export interface MergeInput {
  readonly store: Store;
  readonly kind: "image" | "well" | "plate" | "bioformats2raw";
  readonly images: readonly InputImage[];
  readonly acquisitions: Plate["acquisitions"];
  readonly zarrFormat: 2 | 3;
  /** The version of OME-Zarr as it is written. */
  readonly version: string;
}

/**
 * Reads what an input contains; no pixels.
 *
 * @throws UnknownFormatError for what is not an image, well, plate or collection
 * @throws UnsupportedError for a folder on a server, which cannot be listed
 */
export async function readInput(store: Store, options?: ReadOptions): Promise<MergeInput> {
  const location = store.name;
  if (store.unlisted !== undefined) {
    throw new UnsupportedError(
      `${location} is a folder on a server that does not list it: convert it to an .ozx first`,
      { location, feature: "folders on servers" },
    );
  }
  const root = await readNodes(store, ["/"], options);
  const [broken] = root.broken;
  if (broken !== undefined) throw broken.error;
  const node = root.nodes.get("/");
  const version = node && versionNameOf(node);
  if (node === undefined || version === undefined)
    throw notOmeZarr(store, await readHierarchy(store, options));
  const ome = readOme(root);
  const common = {
    store,
    zarrFormat: node.zarrFormat,
    version,
    acquisitions: ome.kind === "plate" ? ome.acquisitions : [],
  };
  if (ome.kind === "image") {
    return { ...common, kind: ome.kind, images: [{ store, name: location, axes: axesOf(ome), own: {} }] };
  }
  if (ome.kind !== "well" && ome.kind !== "plate" && ome.kind !== "bioformats2raw") {
    throw new UnknownFormatError(
      `${location} is neither an image nor a well or plate (${ome.kind}): give those`,
      { location },
    );
  }
  const hierarchy = await readHierarchy(store, options);
  const images: InputImage[] = [];
  for (const { path, own } of imagePaths(hierarchy, readOme(hierarchy))) {
    const inside = await storeAt(store, path, options);
    const found = readOme(hierarchy, path);
    images.push({
      ...{ store: inside, name: `${path.slice(1)} in ${location}`, own },
      axes: found.kind === "image" ? axesOf(found) : undefined,
    });
  }
  return { ...common, kind: ome.kind, images };
}

/** The axes of a node that is an image. */
function axesOf(node: OmeNode): string[] | undefined {
  return node.kind === "image" ? node.multiscales[0].axes.map(({ name }) => name) : undefined;
}

interface FoundImage {
  readonly path: AbsolutePath;
  readonly own: Partial<WellPosition>;
}

function imagePaths(hierarchy: Hierarchy, node: OmeNode): FoundImage[] {
  const children = childrenByParent(hierarchy);
  switch (node.kind) {
    case "bioformats2raw":
      return node.images.map((path) => ({ path, own: {} }));
    case "well":
      return inWell(children.get("/"), node.fields);
    case "plate":
      return node.wells.flatMap(({ path, row, column, fields }) => {
        const own = { row: node.rows[row] ?? "", column: node.columns[column] ?? "" };
        return inWell(children.get(path), fields ?? []).map((one) => ({
          ...one,
          own: { ...own, ...one.own },
        }));
      });
    default:
      return [];
  }
}

/** The nodes directly below each, found once for all wells of a plate. */
function childrenByParent({ nodes }: Hierarchy): Map<AbsolutePath, AbsolutePath[]> {
  const children = new Map<AbsolutePath, AbsolutePath[]>();
  for (const path of nodes.keys()) {
    if (path === "/") continue;
    const parent = parentKey(path);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [path]);
    else siblings.push(path);
  }
  return children;
}

/** The fields of a well, and whatever else lies in it, such as tables. */
function inWell(
  children: readonly AbsolutePath[] | undefined,
  fields: readonly { readonly path: AbsolutePath; readonly acquisition: number | undefined }[],
): FoundImage[] {
  const acquisitions = new Map(fields.map(({ path, acquisition }) => [path, acquisition]));
  return (children ?? []).map((path) => {
    const acquisition = acquisitions.get(path);
    return { path, own: { field: keyName(path), ...(acquisition !== undefined && { acquisition }) } };
  });
}

/** The path of a well's field in a plate. */
export function fieldPath({ row, column, field = "" }: WellPosition): AbsolutePath {
  return joinKey(joinKey(`/${row}`, column), field);
}
