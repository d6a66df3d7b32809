import { UnsupportedError } from "../../errors.js";
import { joinKey } from "../../store/keys.js";
import type { Hierarchy } from "../../zarr/node.js";
import { omeVersionOf } from "../version.js";

/** Throws where a Zarr v2 hierarchy holds anything but OME-Zarr 0.4, or a node that cannot be read. */
export function checkUpgradable(hierarchy: Hierarchy): void {
  const [broken] = hierarchy.broken;
  if (broken !== undefined) throw broken.error;
  const { location } = hierarchy;
  for (const node of hierarchy.nodes.values()) {
    const version = omeVersionOf(node);
    if (version === undefined || version === "0.4") continue;
    const path = joinKey(node.path, ".zattrs").slice(1);
    throw new UnsupportedError(
      `${path} in ${location} is OME-Zarr ${version} in Zarr v2; only 0.4 can be upgraded to 0.5, as .ozx needs: bring it to 0.4 first`,
      { location, path, feature: `OME-Zarr ${version}` },
    );
  }
}
