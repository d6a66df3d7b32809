import { upgradeAttributes } from "../ome/upgrade/attributes.js";
import { omeVersionOf } from "../ome/version.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type { Hierarchy, ZarrNode } from "../zarr/node.js";
import { withoutMember } from "../zarr/upgrade/place.js";

/**
 * The attributes of a node in the one form that versions can be compared in: those of OME-Zarr 0.4 as 0.5
 * would have them, without the versions that single objects may repeat, and `_ARRAY_DIMENSIONS` aside, which
 * Zarr v3 keeps as `dimension_names`.
 */
export function comparableAttributes(node: ZarrNode, hierarchy: Hierarchy): JsonObject {
  if (node.kind === "array") return withoutMember(node.attributes, "_ARRAY_DIMENSIONS");
  const attributes = omeVersionOf(node) === "0.4" ? upgradeAttributes(node, hierarchy) : node.attributes;
  const ome = attributes["ome"];
  if (!isJsonObject(ome)) return attributes;
  const members = Object.entries(ome).map(([name, value]) =>
    VERSIONED.has(name) && isJsonObject(value) ? [name, withoutMember(value, "version")] : [name, value],
  );
  return { ...attributes, ome: Object.fromEntries(members) };
}

const VERSIONED: ReadonlySet<string> = new Set(["image-label", "plate", "well"]);

/** The first member, as `a.b[0].c`, in which two JSON values differ, or undefined where they are equal. */
export function firstDifference(left: unknown, right: unknown, at = ""): string | undefined {
  if (Object.is(left, right)) return undefined;
  if (Array.isArray(left) && Array.isArray(right)) {
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      const difference = firstDifference(left[i], right[i], `${at}[${i}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (isJsonObject(left) && isJsonObject(right)) {
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const difference = firstDifference(left[name], right[name], at === "" ? name : `${at}.${name}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return at === "" ? "the whole" : at;
}
