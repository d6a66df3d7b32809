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
  convertOme,
  downgradeTo04,
  hasCoordinateSystems,
  member,
  OME_KEYS,
  omeVersionOf,
  omitMember,
  resolvePath,
  upgradeAttributes,
  versionOfOme,
  withStoredNames,
} from "@ozx/core/internal";
import { withoutIdentities } from "../versions/without-identities.js";

/**
 * The attributes of a node in a form that is the same for all versions: 0.1 to 0.4 are upgraded to 0.5, versions are
 * removed, and so are transformations that do nothing, and `_ARRAY_DIMENSIONS`, which Zarr v3 keeps as `dimension_names`.
 * Nodes of different versions are converted to one that both can be in. Nodes are named as they are stored.
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
  const isUpgraded = version === undefined ? node.zarrFormat === 2 : version < "0.5";
  const attributes = isUpgraded ? upgradeAttributes(node, hierarchy) : node.attributes;
  const written = attributes["ome"];
  if (!isJsonObject(written)) return attributes;
  const stored = withStoredNames(hierarchy.nodes, node.path, written);
  const ome = omitMember(withoutIdentities(comparableOme(stored, against, hierarchy)), "version");
  const members = Object.entries(ome).map(([name, value]) => {
    return VERSIONED.has(name) && isJsonObject(value) ? [name, omitMember(value, "version")] : [name, value];
  });
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
    const flat = downgradeTo04({ ...others, ome: convertOme(ome, "0.5", where) }, where);
    return firstDifference(withoutVersions(flat), withoutVersions(older.attributes)) === undefined;
  } catch (error) {
    if (isOzxError(error, "Unsupported")) return false;
    throw error;
  }
}

/** Metadata in a version that both nodes can be in. What cannot be converted stays as it is, and so will differ. */
function comparableOme(
  ome: JsonObject,
  against: OmeVersion | undefined,
  { location }: Hierarchy,
): JsonObject {
  const version = versionOfOme(ome);
  const where = { location, path: "" };
  const hasSystems = hasCoordinateSystems(version);
  // Drafts of 0.6 spelled some members differently.
  const isSame = against === undefined || (version === against && version !== "0.6");
  if (isSame || (!hasSystems && !hasCoordinateSystems(against))) return ome;
  try {
    const as06 = convertOme(ome, "0.6", where);
    return hasSystems && hasCoordinateSystems(against) ? as06 : convertOme(as06, "0.5", where);
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
