import { InvalidMetadataError, isOzxError, UnsupportedError } from "../../errors.js";
import type { AbsolutePath } from "../../store/store.js";
import { joinKey, keyName, parentKey } from "../../store/store-keys.js";
import type { JsonObject } from "../../zarr/json.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { Image, LabelImage, OmeVersion } from "../model.js";
import { omeVersionOf, withoutVersion, withVersion } from "../ome-metadata.js";
import { readOme } from "../read-ome.js";

/** The version that 0.4 is upgraded to: the first one in Zarr v3. */
export const UPGRADED_VERSION = "0.5" satisfies OmeVersion;

/**
 * The attributes of a 0.4 group as OME-Zarr 0.5 has them: all OME-Zarr metadata under `ome`, with one version for all.
 * Other attributes stay unchanged.
 */
export function upgradeAttributes(node: GroupNode, hierarchy: Hierarchy): JsonObject {
  const ome: [string, unknown][] = [];
  const others: [string, unknown][] = [];
  for (const [key, value] of Object.entries(node.attributes)) {
    const upgrade = isOme(key, node, hierarchy) ? OME_MEMBERS.get(key) : undefined;
    if (upgrade === undefined) others.push([key, value]);
    else ome.push([key, upgrade(value)]);
  }
  if (ome.length === 0) return node.attributes;
  // An assignment would lose an attribute of the name `__proto__`.
  return { ome: { version: UPGRADED_VERSION, ...Object.fromEntries(ome) }, ...Object.fromEntries(others) };
}

/** The members of `ome` in 0.5, and how their values change. */
const OME_MEMBERS: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  ["multiscales", (value: unknown) => (Array.isArray(value) ? value.map(withoutVersion) : value)],
  ["omero", withoutVersion],
  // 0.5 has a version in these too.
  ["image-label", setVersion],
  ["plate", setVersion],
  ["well", setVersion],
  ["labels", keep],
  ["bioformats2raw.layout", keep],
  ["series", keep],
]);

/** Two members have common names, and are OME-Zarr only in the groups that the specification names. */
function isOme(key: string, { path }: GroupNode, { nodes }: Hierarchy): boolean {
  if (key === "labels") return keyName(path) === "labels";
  if (key !== "series") return true;
  const collection = nodes.get(parentKey(path));
  return keyName(path) === "OME" && Object.hasOwn(collection?.attributes ?? {}, "bioformats2raw.layout");
}

function keep(value: unknown): unknown {
  return value;
}

function setVersion(value: unknown): unknown {
  return withVersion(value, UPGRADED_VERSION);
}

/**
 * The `dimension_names` of every array that is a level of an image or a label image: the names of the image's axes, which
 * 0.5 requires in the array's metadata ("multiscales metadata").
 *
 * @throws InvalidMetadataError when an image has more or fewer axes than one of its levels has dimensions
 */
export function levelDimensionNames(hierarchy: Hierarchy): Map<AbsolutePath, readonly string[]> {
  const names = new Map<AbsolutePath, readonly string[]>();
  for (const node of hierarchy.nodes.values()) {
    if (node.kind !== "group" || omeVersionOf(node) === undefined) continue;
    const image = imageAt(hierarchy, node.path);
    if (image === undefined) continue;
    for (const { axes, levels } of image.multiscales) {
      for (const { path, array } of levels) {
        if (array === undefined) continue;
        if (array.array.shape.length !== axes.length) {
          throw new InvalidMetadataError(
            `the image ${image.path} in ${hierarchy.location} has ${axes.length} axes, but its level ${path} has ${array.array.shape.length} dimensions: correct the metadata first`,
            { location: hierarchy.location, path },
          );
        }
        names.set(
          path,
          axes.map((axis) => axis.name),
        );
      }
    }
  }
  return names;
}

/** The image or label image at a path; undefined where there is none that can be read. */
export function imageAt(hierarchy: Hierarchy, path: AbsolutePath): Image | LabelImage | undefined {
  try {
    const node = readOme(hierarchy, path);
    return node.kind === "image" || node.kind === "label-image" ? node : undefined;
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}

/**
 * Checks that a Zarr v2 hierarchy can be upgraded.
 *
 * @throws UnsupportedError where it contains another version than OME-Zarr 0.4
 * @throws InvalidMetadataError where a node cannot be read
 */
export function checkUpgradable(hierarchy: Hierarchy): void {
  const [broken] = hierarchy.broken;
  if (broken !== undefined) throw broken.error;
  const { location } = hierarchy;
  for (const node of hierarchy.nodes.values()) {
    const version = omeVersionOf(node);
    // From 0.5 on the metadata is what Zarr v3 has already; only the arrays are those of v2.
    if (version === undefined || version >= "0.4") continue;
    const path = joinKey(node.path, ".zattrs").slice(1);
    throw new UnsupportedError(
      `${path} in ${location} is OME-Zarr ${version} in Zarr v2; only 0.4 can be upgraded to 0.5, which .ozx requires: upgrade it to 0.4 first`,
      { location, path, feature: `OME-Zarr ${version}` },
    );
  }
}
