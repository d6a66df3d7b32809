import {
  type AbsolutePath,
  type Hierarchy,
  type OmeNode,
  type Plate,
  type ReadOptions,
  readHierarchy,
  readOme,
  type Store,
  UnsupportedError,
  UsageError,
  type ZarrNode,
} from "@ozx/core";
import { isJsonObject, keyName, parentKey } from "@ozx/core/container";
import { omeMetadataOf, readNodes } from "@ozx/core/internal";
import type { WritableVersion } from "../plan/plan-version.js";

/** A bioformats2raw collection. */
export type Collection = Extract<OmeNode, { readonly kind: "bioformats2raw" }>;

/** A plate or a collection that images are added to. */
export interface ExistingHierarchy<Kind = Plate | Collection> {
  readonly store: Store;
  readonly root: ZarrNode;
  readonly ome: Kind;
  readonly version: WritableVersion;
  /** Of a collection all nodes, of a plate its root. */
  readonly hierarchy: Hierarchy;
}

/**
 * Reads the plate or collection at the root of a store; of a plate, which may have thousands of wells, only its own document.
 *
 * @throws UsageError for anything else, such as a single image
 * @throws UnsupportedError for versions before 0.4, and drafts
 */
export async function readExisting(store: Store, options?: ReadOptions): Promise<ExistingHierarchy> {
  const location = store.name;
  let hierarchy = await readNodes(store, ["/"], options);
  const [broken] = hierarchy.broken;
  if (broken !== undefined) throw broken.error;
  const root = hierarchy.nodes.get("/");
  let ome = root === undefined ? undefined : readOme(hierarchy);
  if (ome?.kind === "bioformats2raw") {
    hierarchy = await readHierarchy(store, options);
    ome = readOme(hierarchy);
  }
  if (root === undefined || (ome?.kind !== "plate" && ome?.kind !== "bioformats2raw")) {
    const what = ome?.kind === "image" ? "a single image" : "neither a plate nor a collection";
    throw new UsageError(
      `${location} is ${what}, and images are added to a plate or a collection: ozx merge makes one of images`,
    );
  }
  return { store, root, ome, version: writableVersion(root, location), hierarchy };
}

/**
 * The version of a hierarchy to which something is added.
 *
 * @throws UnsupportedError for versions before 0.4, and drafts
 */
export function writableVersion(root: ZarrNode, location: string): WritableVersion {
  const { version, writtenVersion = version } = omeMetadataOf(root) ?? {};
  const isWritable = version === "0.4" || version === "0.5" || version === "0.6";
  // All of a hierarchy says the same version, in the same words.
  const isUsual = version === writtenVersion && (version === "0.4") === (root.zarrFormat === 2);
  if (isWritable && isUsual) return version;
  throw new UnsupportedError(
    `${location} is OME-Zarr ${writtenVersion}, and images are added to 0.4, 0.5 and 0.6: convert it first`,
    { location, feature: `OME-Zarr ${writtenVersion}` },
  );
}

/** A well of an existing plate, and its fields. */
export interface ExistingWell {
  readonly node: ZarrNode | undefined;
  /** The names of the fields, with the acquisitions that they belong to. */
  readonly fields: readonly { readonly field: string; readonly acquisition: number | undefined }[];
}

/**
 * Reads some wells of a plate and the rows that they are in. What the plate does not list is no well of it, as what a killed
 * run left in a folder.
 *
 * @param paths as in `/B/3`
 * @returns the nodes that there are, and each well by its path
 */
export async function readWells(
  { store, root, ome: { wells: listed } }: ExistingHierarchy<Plate>,
  paths: readonly AbsolutePath[],
  options?: ReadOptions,
): Promise<{ readonly hierarchy: Hierarchy; readonly wells: ReadonlyMap<AbsolutePath, ExistingWell> }> {
  const read = await readNodes(store, new Set([...paths.map(parentKey), ...paths]), options);
  const [broken] = read.broken;
  if (broken !== undefined) throw broken.error;
  const hierarchy: Hierarchy = { ...read, nodes: new Map([["/", root] as const, ...read.nodes]) };
  const wells = paths.map((path): [AbsolutePath, ExistingWell] => {
    const isListed = listed.some((well) => well.path === path);
    const node = isListed ? hierarchy.nodes.get(path) : undefined;
    const ome = node && isWell(node) ? readOme(hierarchy, path) : undefined;
    const fields = ome?.kind === "well" ? ome.fields : [];
    return [
      path,
      {
        node: ome === undefined ? undefined : node,
        fields: fields.map((one) => ({ field: keyName(one.path), acquisition: one.acquisition })),
      },
    ];
  });
  return { hierarchy, wells: new Map(wells) };
}

function isWell(node: ZarrNode): boolean {
  return isJsonObject(omeMetadataOf(node)?.attributes["well"]);
}
