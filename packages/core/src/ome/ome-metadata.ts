import type { AbsolutePath } from "../store/store.js";
import {
  formatJson,
  guardedInteger,
  isDeeper,
  isJsonObject,
  type JsonObject,
  omitMember,
} from "../zarr/json.js";
import type { ZarrNode } from "../zarr/zarr-node.js";
import type { OmeVersion } from "./model.js";
import { isDraft, knownVersion, nearestWithSystems } from "./version-names.js";

/** The OME-Zarr part of a node's attributes. */
export interface OmeMetadata {
  readonly version: OmeVersion;
  /** The version as written, as in `0.6rc0`, which is read as 0.6; undefined where there is none. */
  readonly writtenVersion: string | undefined;
  /** `attributes.ome` since 0.5, the attributes themselves before. */
  readonly attributes: JsonObject;
  /** Whether the attributes are under `ome`. */
  readonly namespaced: boolean;
}

/** The attributes that make a node OME-Zarr before 0.5. */
export const OME_KEYS: readonly string[] = [
  "plate",
  "bioformats2raw.layout",
  "well",
  "multiscales",
  "image-label",
  "labels",
];

/** The OME-Zarr version of a node; undefined where it has no OME-Zarr metadata. */
export function omeVersionOf(node: ZarrNode): OmeVersion | undefined {
  return omeMetadataOf(node)?.version;
}

/** The OME-Zarr metadata of a node, of any version; undefined where there is none. */
export function omeMetadataOf(node: ZarrNode): OmeMetadata | undefined {
  if (node.kind === "array") return undefined;
  const ome = member(node.attributes, "ome");
  if (isJsonObject(ome)) {
    const writtenVersion = versionText(member(ome, "version"));
    return { version: versionOfOme(ome), writtenVersion, attributes: ome, namespaced: true };
  }
  const { attributes } = node;
  if (!OME_KEYS.some((key) => Object.hasOwn(attributes, key))) return undefined;
  const writtenVersion = versionOfParts(attributes);
  const version = writtenVersion === undefined ? undefined : knownVersion(writtenVersion);
  return { version: version ?? guessVersion(attributes), writtenVersion, attributes, namespaced: false };
}

/** Before 0.5 each object has its own version, and only SHOULD have it. */
function versionOfParts(attributes: JsonObject): string | undefined {
  const multiscales = member(attributes, "multiscales");
  const parts = [
    member(attributes, "plate"),
    member(attributes, "well"),
    ...(Array.isArray(multiscales) ? multiscales.slice(0, 1) : []),
    member(attributes, "image-label"),
  ];
  for (const part of parts) {
    const version = isJsonObject(part) ? versionText(member(part, "version")) : undefined;
    if (version !== undefined) return version;
  }
  return undefined;
}

/** The version that the content of `ome` is read as: the known one that is written, or else the nearest. */
export function versionOfOme(ome: JsonObject): OmeVersion {
  const written = versionText(member(ome, "version"));
  const version = written === undefined ? undefined : knownVersion(written);
  return version ?? (usesCoordinateSystems(ome) ? nearestWithSystems(written) : "0.5");
}

/**
 * The attributes of a node with the version that they are read as in place of a draft's or an unknown one, for checks by
 * that version's schemas. All other attributes are returned as they are.
 */
export function asVersion(attributes: JsonObject, metadata: OmeMetadata): JsonObject {
  const { version, writtenVersion, namespaced, attributes: ome } = metadata;
  const isOther =
    writtenVersion !== undefined && (isDraft(writtenVersion) || knownVersion(writtenVersion) === undefined);
  if (!isOther) return attributes;
  if (namespaced) return { ...attributes, ome: { ...ome, version } };
  const renamed = (value: unknown): unknown =>
    isJsonObject(value) && versionText(member(value, "version")) === writtenVersion
      ? { ...value, version }
      : value;
  const members = Object.entries(attributes).map(([name, value]): [string, unknown] => {
    if (name === "multiscales" && Array.isArray(value)) return [name, value.map(renamed)];
    return [name, OME_KEYS.includes(name) ? renamed(value) : value];
  });
  return Object.fromEntries(members);
}

/** Axes were names in 0.3 and became objects in 0.4; before that there were none. */
function guessVersion(attributes: JsonObject): OmeVersion {
  const multiscales = member(attributes, "multiscales");
  const first: unknown = Array.isArray(multiscales) ? multiscales[0] : undefined;
  if (!isJsonObject(first)) return "0.4";
  const axes = member(first, "axes");
  if (axes === undefined && !hasTransforms(first)) return "0.1";
  return Array.isArray(axes) && typeof axes[0] === "string" ? "0.3" : "0.4";
}

function hasTransforms(multiscale: JsonObject): boolean {
  const datasets = member(multiscale, "datasets");
  const first: unknown = Array.isArray(datasets) ? datasets[0] : undefined;
  return isJsonObject(first) && Object.hasOwn(first, "coordinateTransformations");
}

function usesCoordinateSystems(ome: JsonObject): boolean {
  const multiscales = member(ome, "multiscales");
  const first: unknown = Array.isArray(multiscales) ? multiscales[0] : undefined;
  return isJsonObject(first) && Object.hasOwn(first, "coordinateSystems");
}

/** Some writers write the version as a number. */
function versionText(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

/** The value if it is a string. */
export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The value if it is a string that is not empty: an empty name is no name. */
export function asName(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The value if it is a finite number. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The value if it is a whole number from 0 on. */
export function asCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The value if it is a whole number of any size; integers beyond 2^53 become bigints. */
export function asInteger(value: unknown): number | bigint | undefined {
  return Number.isSafeInteger(value) ? (value as number) : guardedInteger(value);
}

/** The value if it is a list of finite numbers. */
export function asNumbers(value: unknown): number[] | undefined {
  return Array.isArray(value) && value.every((item) => asNumber(item) !== undefined) ? value : undefined;
}

/** A member of the object itself, never of its prototype (`constructor`). */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The value with a version, if it is an object. */
export function withVersion(value: unknown, version: OmeVersion): unknown {
  return isJsonObject(value) ? { ...value, version } : value;
}

/** The value without its version, if it is an object. */
export function withoutVersion(value: unknown): unknown {
  return isJsonObject(value) ? omitMember(value, "version") : value;
}

/** A value as JSON for messages, cut after 60 characters. */
export function formatValue(value: unknown): string {
  const text = formatJson(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** Resolves a path in the metadata of the node `base`; undefined where it leads out of the hierarchy. */
export function resolvePath(base: AbsolutePath, reference: string): AbsolutePath | undefined {
  // Nearly all paths, of which a plate may have a million.
  if (PLAIN_PATH.test(reference)) return base === "/" ? `/${reference}` : `${base}/${reference}`;
  const segments = reference.startsWith("/") ? [] : base.split("/").filter((segment) => segment !== "");
  for (const segment of reference.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return `/${segments.join("/")}`;
}

/** Names between single slashes, none of which is `.` or `..`. */
const PLAIN_PATH = /^[\w-]+(?:\/[\w-]+)*$/;

/** Deeper than any meaningful metadata, and far from the limit of the call stack. */
const DEEPEST = 64;

/**
 * Whether a JSON value is nested so deeply that recursion over it may overflow the stack: `JSON.parse` accepts a hundred
 * thousand opening brackets.
 */
export function isNestedTooDeeply(value: unknown): boolean {
  return isDeeper(value, DEEPEST);
}

/**
 * The version of a node for people: as it is written, since a draft and a release differ, or else as it is read.
 * Undefined where a node has no OME-Zarr metadata.
 */
export function versionNameOf(node: ZarrNode): string | undefined {
  const metadata = omeMetadataOf(node);
  return metadata && (metadata.writtenVersion ?? metadata.version);
}
