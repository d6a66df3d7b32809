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
 * The attributes of a node in a form that is the same for all versions: 0.4 is upgraded to 0.5, the versions that single
 * objects repeat are removed, and so is `_ARRAY_DIMENSIONS`, which Zarr v3 keeps as `dimension_names`. If only one of
 * two nodes is 0.6, both are converted to 0.6 and then to 0.5.
 *
 * @param hierarchy of the node
 * @param against the version of the node that it is compared with
 */
export function comparableAttributes(
  node: ZarrNode,
  hierarchy: Hierarchy,
  against?: OmeVersion | undefined,
): JsonObject {
  if (node.kind === "array") return omitMember(node.attributes, "_ARRAY_DIMENSIONS");
  const version = omeVersionOf(node);
  // Some groups are OME-Zarr without stating a version, such as the list of series; the upgrade recognizes them.
  const isUpgraded = version === "0.4" || (version === undefined && node.zarrFormat === 2);
  const attributes = isUpgraded ? upgradeAttributes(node, hierarchy) : node.attributes;
  const written = attributes["ome"];
  if (!isJsonObject(written)) return attributes;
  const isOnly06 = version !== against && (version === "0.6" || against === "0.6");
  const ome = isOnly06 ? through06(written, version === "0.6", hierarchy) : written;
  const members = Object.entries(ome).map(([name, value]) =>
    VERSIONED.has(name) && isJsonObject(value) ? [name, omitMember(value, "version")] : [name, value],
  );
  return { ...attributes, ome: Object.fromEntries(members) };
}

/**
 * Whether one of two groups is the downgrade of the other to 0.4. The upgrade cannot always restore such a group: 0.4 has
 * no `ome` member, so a version without other members is lost, and members that are not OME-Zarr's are not moved back.
 */
export function isDowngradeOf(one: ZarrNode, other: ZarrNode, hierarchies: readonly Hierarchy[]): boolean {
  const [older, newer] = one.zarrFormat === 2 ? [one, other] : [other, one];
  if (older.zarrFormat !== 2 || newer.zarrFormat !== 3 || newer.kind === "array") return false;
  const { ome, ...others } = newer.attributes;
  if (!isJsonObject(ome) || OME_KEYS.some((key) => Object.hasOwn(others, key))) return false;
  const location = hierarchies.map((hierarchy) => hierarchy.location).join(" and ");
  const where = { location, path: newer.path };
  try {
    const as05 = String(ome["version"]).startsWith("0.6") ? downgradeTo05(ome, where) : ome;
    const flat = downgradeTo04({ ...others, ome: as05 }, where);
    return firstDifference(withoutVersions(flat), withoutVersions(older.attributes)) === undefined;
  } catch (error) {
    if (isOzxError(error, "Unsupported")) return false;
    throw error;
  }
}

/** Converts to 0.6 and then to 0.5. What cannot be converted stays as it is, and so will be reported as a difference. */
function through06(ome: JsonObject, is06: boolean, { location }: Hierarchy): JsonObject {
  const where = { location, path: "" };
  try {
    return downgradeTo05(is06 ? ome : upgradeTo06(ome, where), where);
  } catch (error) {
    if (isOzxError(error, "Unsupported")) return ome;
    throw error;
  }
}

/** Members of `ome` that may repeat the version. */
const VERSIONED: ReadonlySet<string> = new Set(["image-label", "plate", "well"]);

/** The attributes of a 0.4 group without the versions of single objects. */
function withoutVersions(attributes: JsonObject): JsonObject {
  const drop = (value: unknown): unknown => (isJsonObject(value) ? omitMember(value, "version") : value);
  const members = Object.entries(attributes).map(([name, value]): [string, unknown] => {
    if (name === "multiscales" && Array.isArray(value)) return [name, value.map(drop)];
    return [name, name === "omero" || VERSIONED.has(name) ? drop(value) : value];
  });
  return Object.fromEntries(members);
}

/** The first member, as in `a.b[0].c`, in which two JSON values differ; undefined if they are equal. */
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
 * The attributes of the group at `path` without the datasets of added levels, and without the description of how these
 * were downsampled.
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
