import { InvalidMetadataError, NotFoundError } from "../errors.js";
import { type Finding, type RuleText, violation } from "../findings.js";
import type { AbsolutePath } from "../store/store.js";
import { formatForm } from "../store/store-keys.js";
import type { JsonObject } from "../zarr/json.js";
import { storedPath } from "../zarr/stored-path.js";
import { brokenNodeAt, type GroupNode, type Hierarchy, type ZarrNode } from "../zarr/zarr-node.js";
import type { OmeVersion } from "./model.js";
import { formatValue, isNestedTooDeeply, omeMetadataOf, resolvePath } from "./ome-metadata.js";
import { isDraft, knownVersion } from "./version-names.js";

/** The node that is being read, and the problems found so far. */
export interface ReadContext {
  readonly hierarchy: Hierarchy;
  readonly node: GroupNode;
  readonly path: AbsolutePath;
  readonly version: OmeVersion;
  /** The OME-Zarr metadata: `attributes.ome` since 0.5, the attributes themselves before. */
  readonly attributes: JsonObject;
  readonly problems: Finding[];
  /** Adds a problem of this node. */
  readonly report: (text: RuleText, message: string) => void;
}

/**
 * The context for reading a group; undefined for a group without OME-Zarr metadata.
 *
 * @throws InvalidMetadataError when its metadata is nested too deeply to be read
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
  const report = boundedReport(problems, path);
  if (writtenVersion !== undefined && knownVersion(writtenVersion) === undefined) {
    report(
      UNKNOWN_VERSION,
      `${path} is written in OME-Zarr version "${writtenVersion}", which is not known: it is read and checked as ${version}.`,
    );
  } else if (writtenVersion !== undefined && isDraft(writtenVersion)) {
    report(
      DRAFT_VERSION,
      `${path} is written in OME-Zarr ${writtenVersion}, a draft of ${version}: it is read and checked as ${version}.`,
    );
  }
  return { hierarchy, node, path, version, attributes, problems, report };
}

/** A node names so many violations of one rule: each may be one of a million wells. */
const NAMED_PROBLEMS = 10;

/** Reports problems of a node: the first of each rule one by one, and one that counts all others. */
function boundedReport(problems: Finding[], path: AbsolutePath): ReadContext["report"] {
  const known = new Map<string, { named: number; others?: { count: number; message: string } }>();
  return (text, message) => {
    const ofRule = known.get(text.id) ?? { named: 0 };
    known.set(text.id, ofRule);
    if (ofRule.named < NAMED_PROBLEMS) {
      ofRule.named++;
      problems.push(violation(text, path, message));
      return;
    }
    if (ofRule.others === undefined) {
      ofRule.others = { ...violation(text, path, message), count: 0 };
      problems.push(ofRule.others as Finding & { count: number });
    }
    ofRule.others.count++;
    ofRule.others.message = `There are ${ofRule.others.count} more problems of this kind in ${path}.`;
  };
}

/**
 * The node at a path.
 *
 * @throws NotFoundError where there is none
 * @throws InvalidMetadataError where its Zarr metadata is not valid
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

/**
 * The error for metadata that cannot be read at all.
 *
 * @param what is wrong, in a sentence that follows a colon
 */
export function unreadable(
  { hierarchy, path }: Pick<ReadContext, "hierarchy" | "path">,
  what: string,
): InvalidMetadataError {
  return new InvalidMetadataError(`${path} in ${hierarchy.location} cannot be read as OME-Zarr: ${what}`, {
    location: hierarchy.location,
    path,
  });
}

/** The rules that readers report themselves, since they omit what violates them. All other rules are in `rules`. */
export const UNREADABLE_PART: RuleText = {
  id: "ome-unreadable-part",
  level: "MUST",
  severity: "error",
  help: "Correct this member of the metadata; until then it is ignored.",
};

const OUTSIDE_PATH: RuleText = {
  id: "ome-path-inside",
  level: "policy",
  severity: "error",
  help: "Write a path that stays below the root of the hierarchy; until then it is ignored.",
};

export const IMAGE_AND_LAYOUT: RuleText = {
  id: "ome-image-and-layout",
  level: "policy",
  severity: "warning",
  help: "Remove bioformats2raw.layout from the group of an image: it belongs to the group above its images.",
};

export const OMERO_COLOR: RuleText = {
  id: "ome-omero-color",
  level: "MUST",
  severity: "error",
  help: "Write the color as six hexadecimal digits, as in 00FFFF; until then the viewer chooses one.",
};

export const LABEL_VALUE: RuleText = {
  id: "ome-label-value",
  level: "MUST",
  severity: "error",
  help: "Write the label-value as a whole number, as it is in the pixels; until then it is ignored.",
};

const NORMAL_FORM: RuleText = {
  id: "ome-path-normal-form",
  level: "MUST",
  severity: "error",
  help: "Write the path as it is stored, as ozx convert does; other readers do not find it.",
};

const UNKNOWN_VERSION: RuleText = {
  id: "ome-version-known",
  level: "policy",
  severity: "error",
  help: "It is read as the nearest known version; a newer release of this software may know it.",
};

const DRAFT_VERSION: RuleText = {
  id: "ome-version-draft",
  level: "MUST",
  severity: "error",
  help: "Write it in the released version, as ozx convert --ome-zarr-version does; readers may not know the draft.",
};

export const MISSING_ARRAY: RuleText = {
  id: "ome-level-array",
  level: "MUST",
  severity: "error",
  help: "Copy the missing array from the original data, or remove the level from datasets.",
};

export const LEVEL_DIMENSIONS: RuleText = {
  id: "ome-level-dimensions",
  level: "MUST",
  severity: "error",
  help: "Write one axis for each dimension of the array, in the array's order.",
};

export const TRANSFORM_LENGTH: RuleText = {
  id: "ome-transform-length",
  level: "MUST",
  severity: "error",
  help: "Write one number for each axis; until then the transformation is not applied.",
};

export const UNSUPPORTED_TRANSFORM: RuleText = {
  id: "ome-transform-supported",
  level: "policy",
  severity: "warning",
  help: "Positions are computed without it; pixel values are not affected.",
};

/**
 * Resolves a path in a node's metadata, to the node as it is stored where its name has another normal form of Unicode there.
 * Where it is not valid, reports a problem and returns undefined.
 *
 * @param reference the path as written
 * @param what returns the name of the member, for the message, as in `A well of the plate /`
 */
export function readPath(
  reference: unknown,
  what: () => string,
  { hierarchy, path, report }: Pick<ReadContext, "hierarchy" | "path" | "report">,
): AbsolutePath | undefined {
  if (typeof reference !== "string") {
    report(UNREADABLE_PART, `${what()} has a path that is not a string: ${formatValue(reference)}.`);
    return undefined;
  }
  const resolved = resolvePath(path, reference);
  if (resolved === undefined) {
    report(OUTSIDE_PATH, `${what()} has a path that leads out of the hierarchy: ${formatValue(reference)}.`);
    return undefined;
  }
  const stored = storedPath(hierarchy.nodes, resolved);
  if (stored !== resolved) {
    report(
      NORMAL_FORM,
      `${what()} is listed as ${formatForm(resolved)}, and stored as ${formatForm(stored)}, in another normal form of Unicode.`,
    );
  }
  return stored;
}
