import { keyName, parentKey } from "../../store/keys.js";
import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import type { GroupNode, Hierarchy } from "../../zarr/node.js";
import { withoutMember } from "../../zarr/upgrade/place.js";

/** The version that 0.4 is upgraded to, the first that is Zarr v3. */
export const UPGRADED_VERSION = "0.5";

/**
 * The attributes of a 0.4 group as OME-Zarr 0.5 wants them: everything that is OME-Zarr's under `ome`, with
 * one version for all; everybody else's as it is. Attributes without anything of OME-Zarr are returned as they
 * are.
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
  // Setting them one by one would lose one of the name `__proto__`.
  return { ome: { version: UPGRADED_VERSION, ...Object.fromEntries(ome) }, ...Object.fromEntries(others) };
}

/** What 0.5 keeps under `ome`, and how its content changes. */
const OME_MEMBERS: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  ["multiscales", (value: unknown) => (Array.isArray(value) ? value.map(dropVersion) : value)],
  ["omero", dropVersion],
  // 0.5 keeps a version in these, which is to be the hierarchy's.
  ["image-label", setVersion],
  ["plate", setVersion],
  ["well", setVersion],
  ["labels", keep],
  ["bioformats2raw.layout", keep],
  ["series", keep],
]);

/** Two keys are common words, and OME-Zarr's only in the group that the specification names. */
function isOme(key: string, { path }: GroupNode, { nodes }: Hierarchy): boolean {
  if (key === "labels") return keyName(path) === "labels";
  if (key !== "series") return true;
  const collection = nodes.get(parentKey(path));
  return keyName(path) === "OME" && Object.hasOwn(collection?.attributes ?? {}, "bioformats2raw.layout");
}

function keep(value: unknown): unknown {
  return value;
}

function dropVersion(value: unknown): unknown {
  return isJsonObject(value) ? withoutMember(value, "version") : value;
}

function setVersion(value: unknown): unknown {
  return isJsonObject(value) ? { ...value, version: UPGRADED_VERSION } : value;
}
