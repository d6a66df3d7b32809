import { InvalidMetadataError, NotFoundError } from "../errors.js";
import type { Finding } from "../findings/finding.js";
import type { AbsolutePath } from "../store/store.js";
import type { JsonObject } from "../zarr/json.js";
import type { GroupNode, Hierarchy, ZarrNode } from "../zarr/node.js";
import { brokenNodeAt } from "./hierarchy-index.js";
import type { OmeVersion } from "./model.js";
import { isNestedTooDeeply } from "./nesting.js";
import { finding, type RuleText, UNKNOWN_VERSION } from "./problem.js";
import { knownVersion, omeMetadataOf } from "./version.js";

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
