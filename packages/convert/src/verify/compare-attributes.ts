import {
  type AbsolutePath,
  type Hierarchy,
  isOzxError,
  type JsonObject,
  type OmeVersion,
  type ZarrNode,
} from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  downgradeTo04,
  downgradeTo05,
  member,
  OME_KEYS,
  omeVersionOf,
  omitMember,
  resolvePath,
  upgradeAttributes,
  upgradeTo06,
} from "@ozx/core/internal";

/**
 * The attributes of a node in the one form that versions can be compared in: those of OME-Zarr 0.4 as 0.5
 * would have them, without the versions that single objects may repeat, and `_ARRAY_DIMENSIONS` aside, which
 * Zarr v3 keeps as `dimension_names`. Where one of two is 0.6 and the other is not, both as 0.5 has them after 0.6.
 *
 * @param against the version of the node that it is compared with
 */
export function comparableAttributes(
  node: ZarrNode,
  hierarchy: Hierarchy,
  against?: OmeVersion | undefined,
): JsonObject {
  if (node.kind === "array") return omitMember(node.attributes, "_ARRAY_DIMENSIONS");
  const version = omeVersionOf(node);
  // The upgrade knows what is OME-Zarr's in groups that alone do not tell, as the list of series.
  const isUpgraded = version === "0.4" || (version === undefined && node.zarrFormat === 2);
  const attributes = isUpgraded ? upgradeAttributes(node, hierarchy) : node.attributes;
  const written = attributes["ome"];
  if (!isJsonObject(written)) return attributes;
  const isOther = version !== against && (version === "0.6" || against === "0.6");
  const ome = isOther ? through06(written, version === "0.6", hierarchy) : written;
  const members = Object.entries(ome).map(([name, value]) =>
    VERSIONED.has(name) && isJsonObject(value) ? [name, omitMember(value, "version")] : [name, value],
  );
  return { ...attributes, ome: Object.fromEntries(members) };
}

/**
 * Whether one of two groups is what the other becomes as 0.4, which has no `ome` to keep things under: a group with
 * a version and nothing else loses it, and what the upgrade does not know to be OME-Zarr's stays outside.
 */
export function isDowngradeOf(one: ZarrNode, other: ZarrNode, hierarchies: readonly Hierarchy[]): boolean {
  const [older, newer] = one.zarrFormat === 2 ? [one, other] : [other, one];
  if (older.zarrFormat !== 2 || newer.zarrFormat !== 3 || newer.kind === "array") return false;
  const { ome, ...others } = newer.attributes;
  if (!isJsonObject(ome) || OME_KEYS.some((key) => Object.hasOwn(others, key))) return false;
  const location = hierarchies.map((hierarchy) => hierarchy.location).join(" and ");
  const place = { location, path: newer.path };
  try {
    const as05 = String(ome["version"]).startsWith("0.6") ? downgradeTo05(ome, place) : ome;
    const flat = downgradeTo04({ ...others, ome: as05 }, place);
    return firstDifference(withoutVersions(flat), withoutVersions(older.attributes)) === undefined;
  } catch (error) {
    if (isOzxError(error, "Unsupported")) return false;
    throw error;
  }
}

/** What 0.6 cannot say, or only 0.6 can, stays as it is, and so is a difference. */
function through06(ome: JsonObject, is06: boolean, { location }: Hierarchy): JsonObject {
  const place = { location, path: "" };
  try {
    return downgradeTo05(is06 ? ome : upgradeTo06(ome, place), place);
  } catch (error) {
    if (isOzxError(error, "Unsupported")) return ome;
    throw error;
  }
}

const VERSIONED: ReadonlySet<string> = new Set(["image-label", "plate", "well"]);

/** Attributes of 0.4 without the versions of single objects. */
function withoutVersions(attributes: JsonObject): JsonObject {
  const drop = (value: unknown): unknown => (isJsonObject(value) ? omitMember(value, "version") : value);
  const members = Object.entries(attributes).map(([name, value]): [string, unknown] => {
    if (name === "multiscales" && Array.isArray(value)) return [name, value.map(drop)];
    return [name, name === "omero" || VERSIONED.has(name) ? drop(value) : value];
  });
  return Object.fromEntries(members);
}

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
      const difference = firstDifference(
        member(left, name),
        member(right, name),
        at === "" ? name : `${at}.${name}`,
      );
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return at === "" ? "the whole" : at;
}

/**
 * The attributes of the group at `path` as if some levels had not been added to its image: without their datasets,
 * and without what tells how they were made.
 */
export function withoutLevels(
  attributes: JsonObject,
  path: AbsolutePath,
  added: ReadonlySet<AbsolutePath>,
): JsonObject {
  const ome = attributes["ome"];
  const multiscales = isJsonObject(ome) ? ome["multiscales"] : undefined;
  if (!isJsonObject(ome) || !Array.isArray(multiscales)) return attributes;
  const isAdded = (dataset: unknown): boolean => {
    const name = isJsonObject(dataset) ? dataset["path"] : undefined;
    const resolved = typeof name === "string" ? resolvePath(path, name) : undefined;
    return resolved !== undefined && added.has(resolved);
  };
  const reduced = multiscales.map((multiscale: unknown) => {
    const datasets = isJsonObject(multiscale) ? multiscale["datasets"] : undefined;
    if (!isJsonObject(multiscale) || !Array.isArray(datasets)) return multiscale;
    const kept: unknown[] = datasets.filter((dataset) => !isAdded(dataset));
    const rest = { ...multiscale, datasets: kept };
    return kept.length === 1 ? omitMember(omitMember(rest, "type"), "metadata") : rest;
  });
  return { ...attributes, ome: { ...ome, multiscales: reduced } };
}
