import { UnsupportedError } from "../../errors.js";
import { joinKey } from "../../store/keys.js";
import type { GroupNode, Hierarchy } from "../../zarr/node.js";
import { omeMetadataOf } from "../version.js";

/**
 * Throws where a Zarr v2 hierarchy is not one that can be upgraded to 0.5 yet: another version than 0.4, a
 * plate, a bioformats2raw collection, or a node that cannot be read.
 */
export function checkUpgradable(hierarchy: Hierarchy): void {
  const [broken] = hierarchy.broken;
  if (broken !== undefined) throw broken.error;
  for (const node of hierarchy.nodes.values()) {
    if (node.kind === "group") checkGroup(node, hierarchy.location);
  }
}

function checkGroup(node: GroupNode, location: string): void {
  const path = joinKey(node.path, ".zattrs").slice(1);
  const refuse = (feature: string, message: string): UnsupportedError =>
    new UnsupportedError(message, { location, path, feature });
  for (const [key, kind] of COLLECTIONS) {
    if (!Object.hasOwn(node.attributes, key)) continue;
    throw refuse(
      kind,
      `${location} is a ${kind} in OME-Zarr 0.4, which cannot be upgraded to 0.5 yet, as .ozx needs: convert one image of it, or keep it in a folder`,
    );
  }
  const ome = omeMetadataOf(node);
  if (ome === undefined || ome.version === "0.4") return;
  throw refuse(
    `OME-Zarr ${ome.version}`,
    `${path} in ${location} is OME-Zarr ${ome.version} in Zarr v2; only 0.4 can be upgraded to 0.5, as .ozx needs: bring it to 0.4 first`,
  );
}

const COLLECTIONS: readonly (readonly [string, string])[] = [
  ["plate", "plate"],
  ["well", "well of a plate"],
  ["bioformats2raw.layout", "bioformats2raw collection"],
];
