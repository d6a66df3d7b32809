import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import { withoutMember } from "../../zarr/upgrade/place.js";

/** The version that 0.4 is upgraded to, the first that is Zarr v3. */
export const UPGRADED_VERSION = "0.5";

/**
 * The attributes of a 0.4 group as OME-Zarr 0.5 wants them: everything that is OME-Zarr's under `ome`, with
 * one version for all (0.5, "multiscales metadata"); everybody else's as it is. Attributes without anything
 * of OME-Zarr are returned as they are.
 */
export function upgradeAttributes(attributes: JsonObject): JsonObject {
  const ome: Record<string, unknown> = {};
  const others: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(attributes)) {
    const upgrade = OME_MEMBERS.get(key);
    if (upgrade === undefined) others[key] = value;
    else ome[key] = upgrade(value);
  }
  if (Object.keys(ome).length === 0) return attributes;
  return { ome: { version: UPGRADED_VERSION, ...ome }, ...others };
}

/** What 0.5 keeps under `ome`, and how its content changes. */
const OME_MEMBERS: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  ["multiscales", (value: unknown) => (Array.isArray(value) ? value.map(dropVersion) : value)],
  ["omero", dropVersion],
  ["labels", (value: unknown) => value],
  // 0.5 keeps a version here, which SHOULD be the hierarchy's.
  ["image-label", setVersion],
]);

function dropVersion(value: unknown): unknown {
  return isJsonObject(value) ? withoutMember(value, "version") : value;
}

function setVersion(value: unknown): unknown {
  return isJsonObject(value) ? { ...value, version: UPGRADED_VERSION } : value;
}
