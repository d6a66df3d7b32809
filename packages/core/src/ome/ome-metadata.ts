import type { AbsolutePath } from "../store/store.js";
import { guardedInteger, isJsonObject, type JsonObject } from "../zarr/json.js";
import type { ZarrNode } from "../zarr/zarr-node.js";
import type { OmeVersion } from "./model.js";

/** The OME-Zarr part of a node's attributes. */
export interface OmeMetadata {
  readonly version: OmeVersion;
  /** The version as it is written, where it is; `0.6rc0` is read as 0.6. */
  readonly writtenVersion: string | undefined;
  /** `attributes.ome` since 0.5, the attributes themselves before. */
  readonly attributes: JsonObject;
  /** Whether they are under `ome`. */
  readonly namespaced: boolean;
}

/** The keys of attributes that make a node OME-Zarr. */
export const OME_KEYS: readonly string[] = [
  "plate",
  "bioformats2raw.layout",
  "well",
  "multiscales",
  "image-label",
  "labels",
];

/** Which OME-Zarr version a node is written in, or undefined where it has no OME-Zarr metadata. */
export function omeVersionOf(node: ZarrNode): OmeVersion | undefined {
  return omeMetadataOf(node)?.version;
}

/** Finds the OME-Zarr metadata of a node wherever its version keeps it. */
export function omeMetadataOf(node: ZarrNode): OmeMetadata | undefined {
  if (node.kind === "array") return undefined;
  const ome = member(node.attributes, "ome");
  if (isJsonObject(ome)) {
    const writtenVersion = versionText(member(ome, "version"));
    const version = writtenVersion === undefined ? undefined : knownVersion(writtenVersion);
    return {
      version: version ?? (usesCoordinateSystems(ome) ? "0.6" : "0.5"),
      writtenVersion,
      attributes: ome,
      namespaced: true,
    };
  }
  const { attributes } = node;
  if (!OME_KEYS.some((key) => Object.hasOwn(attributes, key))) return undefined;
  const writtenVersion = versionOfParts(attributes);
  const version = writtenVersion === undefined ? undefined : knownVersion(writtenVersion);
  return { version: version ?? guessVersion(attributes), writtenVersion, attributes, namespaced: false };
}

/** `0.6rc0` and `0.6.dev4` are 0.6; undefined for versions that are not known. */
export function knownVersion(text: string): OmeVersion | undefined {
  const match = /^(0\.[1-6])(?:\.?(?:rc|dev|a|b)\d*)?$/.exec(text);
  return match?.[1] as OmeVersion | undefined;
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

/** Some writers wrote the version as a number. */
function versionText(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

/** The members of metadata that may be of any type until they are looked at, as what they should be, or undefined. */
export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A string that says something: empty names are as good as none. */
export function asName(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A whole number from 0 on. */
export function asCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A whole number of any size. Those beyond 2^53 travel through JSON as marked strings. */
export function asInteger(value: unknown): number | bigint | undefined {
  return Number.isSafeInteger(value) ? (value as number) : guardedInteger(value);
}

export function asNumbers(value: unknown): number[] | undefined {
  return Array.isArray(value) && value.every((item) => asNumber(item) !== undefined) ? value : undefined;
}

/** A member of the object itself: one that is not written, `constructor` say, must not come from a prototype. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A value as it would stand in a message: as JSON, cut where it is long. */
export function formatValue(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The path that a reference in the metadata of a node means, or undefined where it leads out of the hierarchy. */
export function resolvePath(base: AbsolutePath, reference: string): AbsolutePath | undefined {
  const segments = reference.startsWith("/") ? [] : base.split("/").filter((segment) => segment !== "");
  for (const segment of reference.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return `/${segments.join("/")}`;
}

/** Deeper than any metadata that means something, and far from what a call stack can take. */
const DEEPEST = 64;

/**
 * Whether a JSON value nests so deeply that walking it recursively is unsafe: `JSON.parse` takes a hundred thousand
 * brackets in a row, and the recursion that follows would not.
 */
export function isNestedTooDeeply(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth >= DEEPEST) return true;
  if (Array.isArray(value)) return value.some((item) => isNestedTooDeeply(item, depth + 1));
  return Object.values(value).some((item) => isNestedTooDeeply(item, depth + 1));
}
