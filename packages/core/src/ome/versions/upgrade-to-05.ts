import { createThrottle } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { InvalidMetadataError, isOzxError, UnsupportedError } from "../../errors.js";
import type { AbsolutePath } from "../../store/store.js";
import { joinKey, keyName, parentKey } from "../../store/store-keys.js";
import type { JsonObject } from "../../zarr/json.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { Image, LabelImage, OmeVersion } from "../model.js";
import { omeMetadataOf, omeVersionOf, versionNameOf, withoutVersion, withVersion } from "../ome-metadata.js";
import { readOme } from "../read-ome.js";
import { upgradeTo04 } from "./upgrade-to-04.js";

/** The version that 0.1 to 0.4 are upgraded to: the first one in Zarr v3. */
export const UPGRADED_VERSION = "0.5" satisfies OmeVersion;

/**
 * The attributes of a group of 0.1 to 0.4 as OME-Zarr 0.5 has them: all OME-Zarr metadata under `ome`, with one version
 * for all. Other attributes stay unchanged, and so do those that cannot be upgraded (see {@link upgradeFaults}).
 */
export function upgradeAttributes(node: GroupNode, hierarchy: Hierarchy): JsonObject {
  const ome: [string, unknown][] = [];
  const others: [string, unknown][] = [];
  const flat = upgradeTo04(node, hierarchy);
  for (const [key, value] of Object.entries(typeof flat === "string" ? node.attributes : flat)) {
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
export async function levelDimensionNames(
  hierarchy: Hierarchy,
  options?: ReadOptions,
): Promise<Map<AbsolutePath, readonly string[]>> {
  const pause = createThrottle(options);
  const names = new Map<AbsolutePath, readonly string[]>();
  for (const node of hierarchy.nodes.values()) {
    if (node.kind !== "group" || omeVersionOf(node) === undefined) continue;
    await pause();
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
  const node = hierarchy.nodes.get(path);
  const metadata = node && omeMetadataOf(node)?.attributes;
  // A plate of a million wells need not be read to know that it is not an image.
  if (metadata === undefined || !Object.hasOwn(metadata, "multiscales")) return undefined;
  try {
    const image = readOme(hierarchy, path);
    return image.kind === "image" || image.kind === "label-image" ? image : undefined;
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}

/** A group whose metadata cannot be upgraded without guessing. */
export interface UpgradeFault {
  readonly path: AbsolutePath;
  /** The version, as it is written. */
  readonly version: string;
  /** Why, as a clause about the group. */
  readonly reason: string;
}

/** The groups of 0.1 to 0.3 that cannot be upgraded. */
export function* upgradeFaults(hierarchy: Hierarchy): Generator<UpgradeFault> {
  for (const node of hierarchy.nodes.values()) {
    if (node.kind !== "group") continue;
    const reason = upgradeTo04(node, hierarchy);
    if (typeof reason === "string") yield { path: node.path, version: versionNameOf(node) ?? "", reason };
  }
}

/**
 * Checks that a hierarchy of OME-Zarr 0.1 to 0.4 can be upgraded.
 *
 * @throws UnsupportedError where that takes a guess
 * @throws InvalidMetadataError where a node cannot be read
 */
export function checkUpgradable(hierarchy: Hierarchy): void {
  const [broken] = hierarchy.broken;
  if (broken !== undefined) throw broken.error;
  refuseUpgradeFaults(hierarchy);
}

/** @throws UnsupportedError where an upgrade takes a guess */
export function refuseUpgradeFaults(hierarchy: Hierarchy): void {
  const { location } = hierarchy;
  for (const fault of upgradeFaults(hierarchy)) {
    const path = joinKey(fault.path, ".zattrs").slice(1);
    throw new UnsupportedError(
      `${path} in ${location} is OME-Zarr ${fault.version}, which cannot be upgraded to ${UPGRADED_VERSION}: ${fault.reason}; correct the metadata, or upgrade it to 0.4 with another program first`,
      { location, path, feature: `OME-Zarr ${fault.version}` },
    );
  }
}
