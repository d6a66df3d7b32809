import { InvalidMetadataError, NotFoundError } from "../errors.js";
import type { Finding, FindingLevel, FindingSeverity } from "../findings.js";
import type { AbsolutePath } from "../store/store.js";
import type { JsonObject } from "../zarr/json.js";
import { brokenNodeAt, type GroupNode, type Hierarchy, type ZarrNode } from "../zarr/zarr-node.js";
import type { OmeVersion } from "./model.js";
import { formatValue, isNestedTooDeeply, knownVersion, omeMetadataOf, resolvePath } from "./ome-metadata.js";

/** The node that a reader reads, and the findings it gathers on the way. */
export interface ReadContext {
  readonly hierarchy: Hierarchy;
  readonly node: GroupNode;
  readonly path: AbsolutePath;
  readonly version: OmeVersion;
  /** The OME-Zarr metadata: `attributes.ome` since 0.5, the attributes themselves before. */
  readonly attributes: JsonObject;
  readonly problems: Finding[];
  readonly report: (text: RuleText, message: string) => void;
}

/**
 * The context of a group's metadata, or undefined for a group without any.
 *
 * @throws InvalidMetadataError where no reader should begin with it
 */
export function readContext(hierarchy: Hierarchy, node: GroupNode): ReadContext | undefined {
  const metadata = omeMetadataOf(node);
  if (metadata === undefined) return undefined;
  const { version, writtenVersion, attributes } = metadata;
  const { path } = node;
  if (isNestedTooDeeply(attributes)) {
    throw unreadable({ hierarchy, path }, "its attributes are nested too deeply.");
  }
  const problems: Finding[] = [];
  const report = (text: RuleText, message: string): void => {
    problems.push(finding(text, path, message));
  };
  if (writtenVersion !== undefined && knownVersion(writtenVersion) === undefined) {
    report(
      UNKNOWN_VERSION,
      `${path} is written in OME-Zarr version "${writtenVersion}", which is not known here.`,
    );
  }
  return { hierarchy, node, path, version, attributes, problems, report };
}

/**
 * The node at a path.
 *
 * @throws NotFoundError where there is none, and the node's own error where it cannot be understood
 */
export function requireNode(hierarchy: Hierarchy, path: AbsolutePath): ZarrNode {
  const node = hierarchy.nodes.get(path);
  if (node !== undefined) return node;
  const broken = brokenNodeAt(hierarchy, path);
  if (broken !== undefined) throw broken.error;
  throw new NotFoundError(`${hierarchy.location} has no Zarr group or array at ${path}`, {
    location: hierarchy.location,
    path,
  });
}

/** For metadata of which nothing can be shown. */
export function unreadable(
  { hierarchy, path }: Pick<ReadContext, "hierarchy" | "path">,
  what: string,
): InvalidMetadataError {
  return new InvalidMetadataError(`${path} in ${hierarchy.location} cannot be read as OME-Zarr: ${what}`, {
    location: hierarchy.location,
    path,
  });
}

/** All of a finding that does not depend on where it was found. */
export interface RuleText {
  readonly rule: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  readonly help: string;
}

export function finding(text: RuleText, where: string, message: string): Finding {
  const { rule, level, severity, help } = text;
  return { rule, level, severity, where, message, help };
}

/** What the readers notice themselves, because they have to do without it; all else is found by `rules`. */
export const UNREADABLE_PART: RuleText = {
  rule: "ome-unreadable-part",
  level: "MUST",
  severity: "error",
  help: "Correct this member of the metadata; until then it is left out.",
};

export const OUTSIDE_PATH: RuleText = {
  rule: "ome-path-inside",
  level: "policy",
  severity: "error",
  help: "Write a path that stays below the root of the hierarchy; until then it is left out.",
};

export const OMERO_COLOR: RuleText = {
  rule: "ome-omero-color",
  level: "MUST",
  severity: "error",
  help: "Write the color as six hexadecimal digits, as in 00FFFF; until then the viewer chooses one.",
};

export const LABEL_VALUE: RuleText = {
  rule: "ome-label-value",
  level: "MUST",
  severity: "error",
  help: "Write the label-value as a whole number, as it is in the pixels; until then it is left out.",
};

export const UNKNOWN_VERSION: RuleText = {
  rule: "ome-version-known",
  level: "policy",
  severity: "warning",
  help: "It is read like the nearest version that is known; a newer release of this software may know it.",
};

export const MISSING_ARRAY: RuleText = {
  rule: "ome-level-array",
  level: "MUST",
  severity: "error",
  help: "Copy the missing array from the original data, or take the level out of datasets.",
};

export const LEVEL_DIMENSIONS: RuleText = {
  rule: "ome-level-dimensions",
  level: "MUST",
  severity: "error",
  help: "Write one axis for each dimension of the array, in the array's order.",
};

export const TRANSFORM_LENGTH: RuleText = {
  rule: "ome-transform-length",
  level: "MUST",
  severity: "error",
  help: "Write one number for each axis; until then the transformation is not applied.",
};

export const UNSUPPORTED_TRANSFORM: RuleText = {
  rule: "ome-transform-supported",
  level: "policy",
  severity: "warning",
  help: "Positions are given without it; pixel values are not touched by it.",
};

/**
 * The path that a member of a node's metadata means, or undefined, with a problem told, where it means none.
 *
 * @param what the member, for the message, as in `A well of the plate /`
 */
export function readPath(
  reference: unknown,
  what: string,
  { path, report }: Pick<ReadContext, "path" | "report">,
): AbsolutePath | undefined {
  if (typeof reference !== "string") {
    report(UNREADABLE_PART, `${what} has no path that is a text: ${formatValue(reference)}.`);
    return undefined;
  }
  const resolved = resolvePath(path, reference);
  if (resolved === undefined) {
    report(OUTSIDE_PATH, `${what} has a path that leads out of the hierarchy: ${formatValue(reference)}.`);
  }
  return resolved;
}
